import access from './access.json'
import alarm from './alarm.json'
import app from './app.json'
import demo from './demo.json'
import device from './device.json'
import exports from './exports.json'
import healthData from './health-data.json'
import notes from './notes.json'
import ownCodes from './own-codes.json'
import patient from './patient.json'
import proposals from './proposals.json'
import settings from './settings.json'

export default { ...access, ...app, ...patient, ...device, ...alarm, ...demo, ...healthData, ...notes, ...exports, ...ownCodes, ...proposals, ...settings }
