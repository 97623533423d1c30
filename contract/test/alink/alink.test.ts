import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTelemetryObject } from '../../src/index.ts'
import {
  alinkSignedText, capabilitiesOf, inOurWords, isAlinkDown, isAlinkOwn, problemOfModel, propertiesOf, readAlinkClientId, readAlinkTopic, readAlinkUserName, readAnswer, readEventPost, readPropertyPost, replyText, serviceOf,
} from '../../src/alink/index.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const own = { productKey: 'a1Qz7TestKey', deviceName: 'esp12f-7' }
const below = (rest: string) => `/sys/${own.productKey}/${own.deviceName}/${rest}`

describe('what a device of Alibaba Cloud signs in with', () => {
  it('is read from its client id as the firmware writes it', () => {
    expect(readAlinkClientId('esp12f-7|securemode=3,signmethod=hmacsha256,timestamp=1700000000000|')).toEqual({ clientId: 'esp12f-7', method: 'hmacsha256', timestamp: '1700000000000' })
    expect(readAlinkClientId('12345|securemode=2,signmethod=HMACSHA1|')).toEqual({ clientId: '12345', method: 'hmacsha1', timestamp: undefined })
    for (const wrong of ['esp12f-7', '|securemode=3|', 'a|securemode=3,signmethod=md5|', 'a|b|c|', '']) expect(readAlinkClientId(wrong), wrong).toBeUndefined()
  })

  it('signs its parameters in alphabetical order, the time only when it tells one', () => {
    expect(alinkSignedText(own, { clientId: 'esp', timestamp: '7' })).toBe('clientIdespdeviceNameesp12f-7productKeya1Qz7TestKeytimestamp7')
    expect(alinkSignedText(own, { clientId: 'esp', timestamp: undefined })).toBe('clientIdespdeviceNameesp12f-7productKeya1Qz7TestKey')
  })

  it('has a user name no device of ours can have', () => {
    expect(readAlinkUserName('esp12f-7&a1Qz7TestKey')).toEqual(own)
    for (const wrong of ['board-1', 'a&b&c', '&key', 'a&', 'a b&key']) expect(readAlinkUserName(wrong), wrong).toBeUndefined()
  })
})

describe('topics of Alink', () => {
  it('tells what a device says on its own, and nothing of others', () => {
    expect(readAlinkTopic(own, below('thing/event/property/post'))).toEqual({ what: 'properties' })
    expect(readAlinkTopic(own, below('thing/event/LowBattery/post'))).toEqual({ what: 'event', identifier: 'LowBattery' })
    expect(readAlinkTopic(own, below('thing/service/property/set_reply'))).toEqual({ what: 'set_reply' })
    expect(readAlinkTopic(own, below('thing/service/Restart_reply'))).toEqual({ what: 'service_reply', identifier: 'Restart' })
    for (const other of ['/sys/a1Qz7TestKey/esp12f-8/thing/event/property/post', below('thing/deviceinfo/update'), below('thing/event/property/post/x'), 'vitals/1/main/b/tele']) expect(readAlinkTopic(own, other), other).toBeUndefined()
  })

  it('belong to a device only with its key and its name in full', () => {
    for (const filter of [below('thing/service/#'), below('thing/event/+/post_reply'), '/ota/device/upgrade/a1Qz7TestKey/esp12f-7', '/a1Qz7TestKey/esp12f-7/user/get']) expect(isAlinkOwn(own, filter), filter).toBe(true)
    for (const filter of ['#', '/sys/#', '/sys/+/esp12f-7/thing/#', '/sys/a1Qz7TestKey/+/thing/#', '/sys/other/esp12f-7/a1Qz7TestKey/esp12f-7/x', 'vitals/1/main/esp12f-7/command', '/sys/a1Qz7TestKey/esp12f-7']) expect(isAlinkOwn(own, filter), filter).toBe(false)
  })

  it('never echo to a device what it said', () => {
    expect(isAlinkDown(own, below('thing/event/property/post_reply'))).toBe(true)
    expect(isAlinkDown(own, below('thing/service/property/set'))).toBe(true)
    for (const said of ['thing/event/property/post', 'thing/service/property/set_reply', 'thing/service/Restart_reply']) expect(isAlinkDown(own, below(said)), said).toBe(false)
    expect(isAlinkDown(own, below('thing/service/Restart'))).toBe(true)
  })
})

describe('a post of properties', () => {
  it('is read as the seed of this protocol sends it: no id, no time, its address among the values', () => {
    const post = readPropertyPost('{"params":{"BodyTemperature":36.50,"HeartRate":72,"SpO2":97.10,"MACAddress":"5C:CF:7F:00:00:01"}}', NOW)
    expect(post).toMatchObject({ ok: true, id: undefined, wantsReply: true, dated: false, unknown: 0, told: {}, samples: [{ t: NOW, m: { temp: 36.5, pr: 72, spo2: 97.1 } }] })
  })

  it('becomes one sample for each moment, oldest first, with the same numbers whenever it comes', () => {
    const text = JSON.stringify({ id: 7, params: { HeartRate: { value: '72', time: NOW - 2_000 }, SpO2: { value: 97, time: String(NOW - 1_000) }, BodyTemperature: { value: 36.6, time: NOW - 2_000 } } })
    const now = readPropertyPost(text, NOW)
    expect(now).toMatchObject({ id: '7', dated: true, samples: [{ t: NOW - 2_000, m: { pr: 72, temp: 36.6 } }, { t: NOW - 1_000, m: { spo2: 97 } }] })
    expect(readPropertyPost(text, NOW + 60_000)).toEqual(now)
  })

  it('tells what became of what is no value: missing is never 0', () => {
    const post = readPropertyPost('{"id":"1","params":{"HeartRate":-999,"SpO2":"","BodyTemperature":null,"Humidity2":41,"on":true,"Wifi Name":3}}', NOW)
    expect(post).toMatchObject({
      samples: [{ m: { pr: -999, Humidity2: 41 } }],
      unknown: 3,
      told: { HeartRate: 'outside 15 to 350: not taken for a value', SpO2: 'not a number: not kept', BodyTemperature: 'not a number: not kept', Humidity2: 'no signal of this name: kept as unmapped', on: 'not a number: not kept', Wifi_Name: 'its name is none that can be kept' },
    })
  })

  it('is refused with the code of the platform when there is nothing in it to keep', () => {
    expect(readPropertyPost('nonsense', NOW)).toMatchObject({ ok: false, code: 460, reason: 'malformed' })
    expect(readPropertyPost('{"id":"3","params":[]}', NOW)).toMatchObject({ ok: false, id: '3', code: 460, reason: 'malformed' })
    expect(readPropertyPost('{"id":"4","params":{"HeartRate":"---"},"sys":{"ack":0}}', NOW)).toMatchObject({ ok: false, code: 460, reason: 'no_value', wantsReply: false })
    expect(readPropertyPost('{"id":"5","params":{"HeartRate":{"value":70,"time":"soon"}}}', NOW)).toMatchObject({ ok: false, reason: 'no_value', told: { HeartRate: 'its time cannot be read' } })
    expect(readPropertyPost(JSON.stringify({ params: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`p${i}`, i])) }), NOW)).toMatchObject({ ok: false, code: 6106 })
  })

  it('that only says how the device is set measures nothing', () => {
    expect(readPropertyPost('{"params":{"ReportInterval":60,"MACAddress":"x"}}', NOW, ['ReportInterval'])).toMatchObject({ ok: true, samples: [], told: {} })
  })

  it('never throws, and never makes a sample that cannot be stored, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.dictionary(fc.string(), fc.jsonValue()).map((params) => JSON.stringify({ id: '1', params }))), (text) => {
        const post = readPropertyPost(text, NOW)
        if (post.ok) for (const sample of post.samples) expect(readTelemetryObject(JSON.parse(JSON.stringify(sample)))).toMatchObject({ ok: true })
        const event = readEventPost(text, 'Fall', NOW)
        if (event.ok) expect(event.event.ev).toBe('fall')
        readAnswer(text)
      }),
      { seed: 20_261_128, numRuns: 300 },
    )
  })
})

describe('events, services and settings', () => {
  it('an event keeps what our events can hold', () => {
    expect(readEventPost('{"id":"9","params":{"value":{"ErrorCode":3,"Text":"probe\\u0000 off","deep":{"a":1}},"time":1772362800000}}', 'ProbeOff', NOW)).toMatchObject({
      ok: true, dated: true, event: { t: 1_772_362_800_000, ev: 'probe_off', ph: 'once', src: 'alink', data: { ErrorCode: 3, Text: 'probe off' } },
    })
    expect(readEventPost('{"id":"9","params":{"value":{},"time":"x"}}', 'ProbeOff', NOW)).toMatchObject({ ok: false, code: 460, reason: 'time' })
  })

  it('names are carried into our words and back', () => {
    expect(['ReportInterval', 'LEDOn', 'wifi_Band', 'HR'].map(inOurWords)).toEqual(['report_interval', 'led_on', 'wifi_band', 'hr'])
    const model = { services: ['Restart', 'SelfTest'], settings: ['ReportInterval'] }
    expect(serviceOf(model, 'self_test')).toBe('SelfTest')
    expect(propertiesOf(model, { report_interval: 30, colour: 1 })).toEqual({ params: { ReportInterval: 30 }, none: ['colour'] })
    expect(capabilitiesOf(own, model).commands?.map(({ name, risk }) => `${name} ${risk}`)).toEqual(['measure_now low', 'restart high', 'self_test high'])
  })

  it('nothing is offered that could silence an alarm at the bedside', () => {
    expect(problemOfModel({ services: ['Restart'], settings: [] })).toBeUndefined()
    for (const name of ['SilenceAlarm', 'Mute', 'BuzzerOff', 'AlarmVolume']) {
      expect(problemOfModel({ services: [name], settings: [] }), name).toContain('not offered')
      expect(problemOfModel({ services: [], settings: [name] }), name).toContain('not offered')
    }
    expect(problemOfModel({ services: ['Restart', 'restart'], settings: [] })).toContain('two names')
  })

  it('answers are written as the platform writes them', () => {
    expect(JSON.parse(replyText('7', 200, 'thing.event.property.post'))).toEqual({ code: 200, data: {}, id: '7', message: 'success', method: 'thing.event.property.post', version: '1.0' })
    expect(readAnswer('{"id":12,"code":200,"data":{"a":1},"message":"ok"}')).toEqual({ id: '12', code: 200, message: 'ok', data: { a: 1 } })
  })
})
