#!/usr/bin/env node
import { writeFileSync } from 'node:fs'
import { sensorPage } from '../sensors/sensor-page.ts'
import { sensorRegistry } from '../sensors/registry.ts'

/** `npm run sensors-page`: writes docs/sensors.md from the registry. */
writeFileSync(new URL('../../../docs/sensors.md', import.meta.url), sensorPage(sensorRegistry))
process.stdout.write('docs/sensors.md is written\n')
