import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

/**
 * What every page needs, the wall above all, in one file that the browser has when the page is read. Split by who imports what, the
 * wall came in twenty small files, the last of them asked for when the first had run.
 */
const NEEDED_AT_ONCE = [
  /node_modules\/(?:@vue|vue|vue-router|vue-i18n|@intlify)\//,
  /web-client\/src\/(?:api|live|alarms|composables|sound)\//,
  /web-client\/src\/(?:ui|parts)\/(?!chart\/|wave\/|QrCode|CopyLine|MomentField|DayField|palette-check)/,
  /web-client\/src\/features\/ward\//,
]

/** Each file beside itself compressed, as the central station sends it: a remote nurse's line is the slowest part. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(?:js|css|html)$/.test(file))) {
        const path = join(dir, name)
        const content = readFileSync(path)
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
        writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }))
      }
    },
  }
}

/** Builds from any working directory: `vite build web-client`, or the JavaScript API with this file as `configFile`. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue(), compressed()],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows files of this origin only: nothing becomes a data: URL.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'wall', test: (id: string) => NEEDED_AT_ONCE.some((part) => part.test(id)) }] } } },
  },
  worker: { format: 'es' },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } },
  },
})
