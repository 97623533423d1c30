import { AppError } from '@vigil/contract'
import { commonSettings, readSettings, wordsOf } from '@vigil/program'
import { addKey, removeKey } from '../subscription/add-key.ts'
import { keysPath, subscriptionSettings } from './subscription.ts'

const { values } = readSettings(
  'vigil amqp-key',
  'makes a key for a program that takes what was stored over AMQP 1.0, and shows its secret once',
  {
    data: commonSettings.data,
    amqpKeys: subscriptionSettings.amqpKeys,
    id: { env: 'VIGIL_KEY_ID', kind: 'string', description: 'name of the key: letters, digits, _ and -' },
    groups: { env: 'VIGIL_KEY_GROUPS', kind: 'string', description: 'consumer groups it may read, separated by commas' },
    remove: { env: 'VIGIL_KEY_REMOVE', kind: 'boolean', default: false, description: 'take the key away instead' },
  } as const,
  process.argv.slice(2),
)

try {
  const path = values.amqpKeys ?? keysPath(values.data)
  if (values.id === undefined) throw new AppError('SETTINGS_INVALID', 'Which key? Give it a name with --key-id.')
  if (values.remove) process.stdout.write(removeKey(path, values.id) ? `Key ${values.id} is taken away; connections made with it end within a minute.\n` : `There is no key ${values.id} in ${path}.\n`)
  else process.stdout.write(`${JSON.stringify(addKey(path, values.id, (values.groups ?? '').split(',')))}\nThe secret is shown only now. It stands in ${path}, which only its owner may read.\n`)
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`)
  process.exit(1)
}
