/** A page with as many live traces as its address asks for (`/?traces=8`), fed a second of 125 Hz samples each second, as a bedside monitor would be. */
import '../../src/ui/css/tokens.css'
import '../../src/ui/css/base.css'
import { createApp, defineComponent, h } from 'vue'
import { browserClock } from '../../src/browser-clock.ts'
import { provideNow } from '../../src/composables/useNow.ts'
import { createWords } from '../../src/i18n/words.ts'
import { createWaveBuffer } from '../../src/live/wave-buffer.ts'
import { createPreferences } from '../../src/preferences.ts'
import WaveCanvas from '../../src/ui/wave/WaveCanvas.vue'

const HZ = 125
const count = Number(new URLSearchParams(location.search).get('traces') ?? 8)
const inks = ['--heart', '--oxygen', '--breath', '--pressure']
const buffers = Array.from({ length: count }, () => createWaveBuffer({ highPassHz: 0.4 }))

function beat(tMs: number, n: number): number {
  const phase = (tMs / (700 + 60 * n)) % 1
  return 900 * Math.exp(-(((phase - 0.22) / 0.06) ** 2)) + 320 * Math.exp(-(((phase - 0.52) / 0.09) ** 2))
}
let seq = 0
browserClock.every(1_000, () => {
  const startMs = Math.floor(browserClock.now() / 1_000) * 1_000 - 1_000
  buffers.forEach((buffer, n) => buffer.push({ seq: seq++, t0Us: startMs * 1_000, hz: HZ, scale: 1, offset: 0, samples: Int16Array.from({ length: HZ }, (_, i) => Math.round(beat(startMs + (i * 1_000) / HZ, n))) }))
})

const Page = defineComponent({
  setup() {
    provideNow(() => browserClock.now(), browserClock)
    return () => h('main', { style: { display: 'grid', gridAutoRows: `${Math.floor(1_000 / count)}px` } }, buffers.map((source, n) => h(WaveCanvas, { source, name: `Trace ${n + 1}`, ink: inks[n % inks.length] ?? '--heart', mmPerSecond: 25, scale: 'auto', live: true })))
  },
})
createApp(Page).use(createWords(createPreferences({ getItem: () => null, setItem: () => undefined }, ['en']))).mount('#app')
