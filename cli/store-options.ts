import { statSync } from 'node:fs'
import {
  type StoreLocation,
  StoreLocationError,
  type StoreOptions,
  storeLocation,
} from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { CliError } from './failure.ts'

/** Adds the options that name a store. @param server what the blob server is for */
export function withStore(command: Command, server: string): Command {
  return command
    .option('--store-url <url>', server)
    .option('--store-dir <folder>', 'or a folder that everybody shares')
}

/** The store that a command line names. @throws CliError when it names none or two */
export function storeLocationOf(options: StoreOptions): StoreLocation {
  try {
    return storeLocation(options, { url: '--store-url', dir: '--store-dir' })
  } catch (error) {
    if (!(error instanceof StoreLocationError)) throw error
    throw new CliError('usage', error.message, 'assay store serves a folder as a URL.')
  }
}

/**
 * Checks that a daemon's options name exactly one store, in a form that can work. A server that is down may come back.
 *
 * @throws CliError when they don't
 */
export function checkedStore({ storeUrl, storeDir }: StoreOptions) {
  storeLocationOf({ storeUrl, storeDir })
  if (storeUrl !== undefined && !(URL.canParse(storeUrl) && /^https?:$/.test(new URL(storeUrl).protocol))) {
    throw new CliError(
      'usage',
      `"${storeUrl}" is not the address of a store.`,
      'Give --store-url as http://host:port or https://host.',
    )
  }
  if (storeDir !== undefined && statSync(storeDir, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new CliError('usage', `${storeDir} is not a folder.`, 'Choose another with --store-dir.')
  }
  return { storeUrl, storeDir } satisfies Required<StoreOptions>
}
