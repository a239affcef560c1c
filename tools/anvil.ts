import { existsSync } from 'node:fs'
import { join } from 'node:path'

const INSTALLED = join(import.meta.dirname, '../node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil')

/** The local chain's program: the one that npm installs where it has one, else `anvil` from PATH. */
export function anvilBinary(): string {
  return existsSync(INSTALLED) ? INSTALLED : 'anvil'
}
