import alarm from './alarm.json'
import app from './app.json'
import demo from './demo.json'
import device from './device.json'
import patient from './patient.json'

export default { ...app, ...patient, ...device, ...alarm, ...demo }
