import { spawn } from 'node:child_process'
import { join } from 'node:path'

const CLI = join(import.meta.dirname, '../../cli/assay.ts')

/** Runs a verb as people do, with data as the answer. @throws Error with what it said, if it fails */
export async function assay(args: readonly string[]): Promise<unknown> {
  const { stdout } = await ran(process.execPath, [CLI, ...args, '--json'], `assay ${args.join(' ')}`)
  return JSON.parse(stdout)
}

/** Runs a program to its end. @throws Error with what it said, if it fails */
export function ran(program: string, args: readonly string[], name: string): Promise<{ stdout: string }> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (part) => (stdout += part))
    child.stderr.on('data', (part) => (stderr += part))
    child.once('error', failed)
    child.once('close', (code) =>
      code === 0 ? done({ stdout }) : failed(new Error(`${name} ended with ${code}: ${stderr.trim()}`)),
    )
  })
}
