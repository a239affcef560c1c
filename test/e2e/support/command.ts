import { spawn } from 'node:child_process'

/** Runs a TypeScript program to its end, without a terminal. */
export function run(
  program: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((ended, failed) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (part) => (stdout += part))
    child.stderr.on('data', (part) => (stderr += part))
    child.once('error', failed)
    child.once('close', (code) => ended({ code, stdout, stderr }))
  })
}
