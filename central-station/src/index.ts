export { startCentralStation, type CentralStation, type CentralStationOptions } from './start-central-station.ts'
export { centralSettings } from './settings.ts'
