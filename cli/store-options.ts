import { statSync } from 'node:fs'
import {
  type StoreLocation,
  StoreLocationError,
  type StoreOptions,
  storeLocations,
} from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { CliError } from './failure.ts'

/** Adds the options that name stores. @param server what a blob server is for */
export function withStore(command: Command, server: string): Command {
  return command
    .option(
      '--store-url <url>',
      `${server}; give it again for each further one: all are written to, any is read from`,
      another,
    )
    .option('--store-dir <folder>', 'a folder that everybody shares, instead or as well', another)
}

/** An option's values so far, and one more. */
function another(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/**
 * The stores that a command line names, in a form that can work. A server that is down may come back.
 *
 * @throws CliError when it names none, or one that can't be a store
 */
export function storesOf({ storeUrl, storeDir }: StoreOptions): StoreLocation[] {
  const locations = namedStores({ storeUrl, storeDir })
  for (const dir of [storeDir ?? []].flat()) {
    if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === false)
      throw new CliError('usage', `${dir} is not a folder.`, 'Choose another with --store-dir.')
  }
  return locations
}

function namedStores(options: StoreOptions): StoreLocation[] {
  try {
    return storeLocations(options, { url: '--store-url', dir: '--store-dir' })
  } catch (error) {
    if (!(error instanceof StoreLocationError)) throw error
    throw new CliError('usage', error.message, 'assay store serves a folder as a URL.')
  }
}
