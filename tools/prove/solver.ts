import solc from 'solc'

/**
 * A process that compiles one input, and tells what the compiler says and how long the processor worked for it. Nothing can interrupt a
 * solver from inside: the system ends it.
 */
process.once('message', (input) => {
  const { errors = [] } = JSON.parse(solc.compile(JSON.stringify(input))) as { errors?: unknown[] }
  const { user, system } = process.cpuUsage()
  process.send!({ messages: errors, workSeconds: (user + system) / 1e6 }, () => process.exit(0))
})
