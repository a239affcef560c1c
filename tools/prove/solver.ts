import solc from 'solc'

/**
 * A process that compiles one input and tells what the compiler says. Nothing can interrupt a solver from inside, so it is ended from
 * outside.
 */
process.once('message', (input) => {
  const { errors = [] } = JSON.parse(solc.compile(JSON.stringify(input))) as { errors?: unknown[] }
  process.send!(errors, () => process.exit(0))
})
