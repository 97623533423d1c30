// Loaded into a program of ours before anything else: its wall clock is that of the machine plus what stands in a file, looked up twice a second.
import { readFileSync } from 'node:fs'

const { now } = Date
let offsetMs = 0
const look = () => {
  try {
    offsetMs = Number(readFileSync(process.env.STEPPED_CLOCK_FILE, 'utf8')) || 0
  } catch {
    // As it was.
  }
}
look()
setInterval(look, 500).unref()
Date.now = () => now() + offsetMs
