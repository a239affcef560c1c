/** The command line in a process that runs many commands: loading it takes longer than most verbs do. */
import { main } from '@assay/cli/main.ts'

export type CliReply = { code: number; stdout: string; stderr: string }

process.on('message', (args) => {
  answer(args as string[]).then((reply) => process.send!(reply))
})

async function answer(args: string[]): Promise<CliReply> {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (part: unknown) => {
      said[name] += part
      return true
    }
  process.argv.splice(2, process.argv.length, ...args)
  await main()
  const code = Number(process.exitCode ?? 0)
  process.exitCode = 0
  return { code, ...said }
}
