// Who may import whom: docs/architecture.md. A planted violation of each rule is tried by test/e2e/imports.test.ts.
const program = (name, extra = '') => ({
  name: `${name}-sees-only-its-own`,
  comment: 'Programs share only contract (and program for Node plumbing) and talk over MQTT, AMQP, SQL and HTTP.',
  severity: 'error',
  from: { path: `^${name}/` },
  to: { path: '^(contract|program|edge-agent|broker|ingest-bridge|central-station|web-client|ops|test)/', pathNot: `^(${name}|contract${extra}|ops/src/testing)/` },
})
const only = (name, module, allowed) => ({
  name,
  severity: 'error',
  comment: `${module} is reached only through ${allowed}`,
  from: { path: '^(edge-agent|broker|ingest-bridge|central-station)/src/', pathNot: allowed },
  to: { path: `node_modules/(${module})/` },
})
// What also runs on a board without Node: edge-agent/esp and everything it reaches.
const boardCore = '^edge-agent/(esp/|src/(bus/(i2c|ecma419-i2c|shared-bus)\\.ts|sensors|signals|spool/(protocol|memory-spool-store|spool-store)|link/(broker-link|broker-connection|inbound|reconnect|link\\.ts)|commands|core|panel))'
module.exports = {
  forbidden: [
    {
      name: 'declared-dependencies-only',
      comment: 'What a package imports stands in its own package.json, or in the root one for tools every package shares.',
      severity: 'error',
      from: { pathNot: '^node_modules/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/(fast-check|vitest)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'contract-is-pure',
      severity: 'error',
      from: { path: '^contract/src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'contract-imports-nothing-of-ours', severity: 'error', from: { path: '^contract/src/' }, to: { path: '^(program|edge-agent|broker|ingest-bridge|central-station|web-client|ops|test)/' } },
    program('program'),
    program('edge-agent', '|program'),
    program('broker', '|program'),
    program('ingest-bridge', '|program'),
    program('central-station', '|program'),
    program('web-client'),
    {
      name: 'only-tests-see-testing',
      comment: 'The PostgreSQL that tests start lives in ops, with the one that the ward starts; no program needs it.',
      severity: 'error',
      from: { pathNot: ['^ops/', '^test/', '^[^/]+/test/'] },
      to: { path: '^ops/src/testing/' },
    },
    only('only-link-sees-mqtt', 'mqtt', '^broker/|^ingest-bridge/|^central-station/src/(live|device-link)/'),
    only('only-sources-and-subscription-see-rhea', 'rhea', '^ingest-bridge/src/(sources|subscription)/'),
    only('only-linux-i2c-sees-i2c-bus', 'i2c-bus|@types/i2c-bus', '^edge-agent/src/bus/linux-i2c\\.ts$'),
    only('only-stores-see-pg', 'pg|pg-copy-streams|@types/pg', '-pg(\\.test)?\\.ts$|/db/|^broker/src/|/store/'),
    {
      name: 'signals-see-only-contract',
      severity: 'error',
      from: { path: '^edge-agent/src/signals/' },
      to: { path: '.', pathNot: '^(edge-agent/src/signals|contract)/' },
    },
    {
      name: 'sensors-see-only-the-bus-port',
      severity: 'error',
      from: { path: '^edge-agent/src/sensors/' },
      to: { path: '.', pathNot: '^(edge-agent/src/sensors/|edge-agent/src/bus/i2c\\.ts$|contract/)' },
    },
    {
      name: 'agent-core-runs-without-node',
      severity: 'error',
      comment: 'Drivers, signals, spool protocol and commands also run on ESP-class engines. What the bundle is made of is tested in edge-agent/test/esp.',
      // The entry names modules of the Moddable SDK, some of which Node has under the same name.
      from: { path: boardCore, pathNot: '^edge-agent/esp/main\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'agent-core-runs-without-schemas',
      severity: 'error',
      comment: 'A small board cannot carry the schema compiler: what the core takes from the contract at run time has none.',
      from: { path: boardCore },
      to: { path: '^(program/|contract/src/(check|index)\\.ts|contract/src/(messages|api)/|node_modules/)', pathNot: '^contract/src/messages/waveform\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'http-sees-services-not-stores',
      severity: 'error',
      from: { path: '^central-station/src/http/' },
      to: { path: '-pg\\.ts$|/db/' },
    },
    { name: 'ui-sees-no-features', severity: 'error', from: { path: '^web-client/src/ui/' }, to: { path: '^web-client/src/(features|api|live)/' } },
    {
      name: 'features-do-not-import-each-other',
      severity: 'error',
      from: { path: '^web-client/src/features/([^/]+)/' },
      to: { path: '^web-client/src/features/([^/]+)/', pathNot: '^web-client/src/features/$1/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|fixtures)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.vue', '.mjs', '.cjs', '.d.ts'] },
  },
}
