import type { QuestionReason } from '@vigil/contract/quality'
import { type DisplayLanguage, displayLanguages } from '../commands/config-keys.ts'

/** Every word the display says by itself; at most 21 letters a line. Names of signals are the same everywhere; marks over and under letters are left out. */
export interface DisplayWords {
  readonly link: string
  readonly noLink: string
  readonly connected: string
  readonly notConnected: string
  readonly waiting: string
  readonly nothingLost: string
  readonly allStored: string
  /** The server has not confirmed the board's time. */
  readonly clockUnsure: string
  readonly board: string
  readonly site: string
  readonly mode: string
  readonly version: string
  readonly sensors: string
  readonly fault: string
  readonly allWork: string
  readonly noSensors: string
  /** Objects that had to make room before anybody stored them. */
  readonly givenUp: string
  /** Before the name of the board, while somebody looks for it. */
  readonly here: string
  /** Why there is no value, six letters at most: they stand beside dashes. */
  readonly reasons: Readonly<Record<string, string>>
  /** Why a value is questionable, eight letters at most. */
  readonly questions: Readonly<Record<QuestionReason, string>>
  /** After the name of a signal; `apnoea` stands alone. */
  readonly conditions: Readonly<Record<'low' | 'high' | 'desat' | 'apnoea', string>>
}

export const displayWords: Readonly<Record<DisplayLanguage, DisplayWords>> = {
  en: {
    link: 'LINK', noLink: 'NO LINK', connected: 'CONNECTED', notConnected: 'NOT CONNECTED', waiting: 'WAITING', nothingLost: 'NOTHING IS LOST', allStored: 'ALL IS STORED', clockUnsure: 'CLOCK NOT CONFIRMED',
    board: 'BOARD', site: 'SITE', mode: 'MODE', version: 'VERSION', sensors: 'SENSORS', fault: 'FAULT', allWork: 'ALL SENSORS WORK',
    noSensors: 'NO SENSOR FOUND', givenUp: 'GIVEN UP', here: 'HERE IS',
    reasons: { off: 'OFF', warmup: 'WAIT', fault: 'FAULT', motion: 'MOVES', weak: 'WEAK', saturated: 'LIGHT', swapped: 'LEDS', 'no-lock': 'NONE', 'no-ambient': 'ROOM', disabled: 'OUT' },
    questions: { low: 'WEAK', motion: 'MOVES', range: 'RANGE', calibrating: 'SETTLES' },
    conditions: { low: 'LOW', high: 'HIGH', desat: 'VERY LOW', apnoea: 'APNOEA' },
  },
  es: {
    link: 'RED', noLink: 'SIN RED', connected: 'CONECTADO', notConnected: 'SIN CONEXIÓN', waiting: 'EN ESPERA', nothingLost: 'NADA SE PIERDE', allStored: 'DATOS GUARDADOS', clockUnsure: 'HORA SIN CONFIRMAR',
    board: 'PLACA', site: 'SITIO', mode: 'MODO', version: 'VERSIÓN', sensors: 'SENSORES', fault: 'FALLO', allWork: 'SENSORES CORRECTOS',
    noSensors: 'NO HAY SENSORES', givenUp: 'PERDIDOS', here: 'AQUÍ ESTÁ',
    reasons: { off: 'FUERA', warmup: 'ESPERA', fault: 'FALLO', motion: 'MUEVE', weak: 'DÉBIL', saturated: 'LUZ', swapped: 'LEDS', 'no-lock': 'NADA', 'no-ambient': 'SALA', disabled: 'NO' },
    questions: { low: 'DÉBIL', motion: 'MUEVE', range: 'RANGO', calibrating: 'AJUSTE' },
    conditions: { low: 'BAJO', high: 'ALTO', desat: 'MUY BAJO', apnoea: 'APNEA' },
  },
  pl: {
    link: 'SIEĆ', noLink: 'BEZ SIECI', connected: 'POŁĄCZONO', notConnected: 'BRAK POŁĄCZENIA', waiting: 'CZEKA', nothingLost: 'NIC NIE GINIE', allStored: 'WSZYSTKO ZAPISANE', clockUnsure: 'CZAS NIEPEWNY',
    board: 'PŁYTKA', site: 'MIEJSCE', mode: 'TRYB', version: 'WERSJA', sensors: 'CZUJNIKI', fault: 'USTERKA', allWork: 'CZUJNIKI DZIAŁAJĄ',
    noSensors: 'BRAK CZUJNIKÓW', givenUp: 'UTRACONO', here: 'TU JEST',
    reasons: { off: 'ZDJĘTY', warmup: 'CZEKA', fault: 'AWARIA', motion: 'RUCH', weak: 'SŁABY', saturated: 'JASNO', swapped: 'LEDY', 'no-lock': 'BRAK', 'no-ambient': 'POKÓJ', disabled: 'WYŁ' },
    questions: { low: 'SŁABY', motion: 'RUCH', range: 'ZAKRES', calibrating: 'USTALA' },
    conditions: { low: 'NISKIE', high: 'WYSOKIE', desat: 'BARDZO NISKIE', apnoea: 'BEZDECH' },
  },
}

/** The words as configured; English for anything else. */
export function wordsFor(language: unknown): DisplayWords {
  return displayWords[displayLanguages.find((one) => one === language) ?? 'en']
}

/** `low:spo2` as the display has room for it. */
export function conditionInWords(condition: string, { conditions }: DisplayWords): string {
  const [type = '', signal] = condition.split(':')
  const word = Object.hasOwn(conditions, type) ? conditions[type as keyof typeof conditions] : type.toUpperCase()
  return signal === undefined ? word : `${signal.toUpperCase()} ${word}`
}
