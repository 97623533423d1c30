import { defineConfig } from 'vitest/config'
import vue from '@vitejs/plugin-vue'

const setupFiles = [new URL('test/support/property-seed.ts', import.meta.url).pathname]
const nodeProject = (name: string, extra: Record<string, unknown> = {}) => ({
  test: { name, root: name, include: ['**/*.test.ts'], testTimeout: 20_000, hookTimeout: 60_000, setupFiles, ...extra },
})

// Packages test themselves; `test/` holds what crosses packages and needs real programs, so it runs one file at a time.
export default defineConfig({
  test: {
    // Most tests wait for real programs: on two cores, one worker leaves a core idle.
    maxWorkers: 2,
    projects: [
      nodeProject('contract'),
      nodeProject('program'),
      nodeProject('edge-agent'),
      nodeProject('broker'),
      nodeProject('ingest-bridge'),
      nodeProject('central-station'),
      { plugins: [vue()], test: { name: 'web-client', root: 'web-client', include: ['**/*.test.ts'], environment: 'happy-dom', setupFiles } },
      nodeProject('ops'),
      nodeProject('test', { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }),
    ],
  },
})
