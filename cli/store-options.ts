import {
  type StoreLocation,
  StoreLocationError,
  type StoreOptions,
  storeLocation,
} from '@assay/store/store-location.ts'
import { CliError } from './failure.ts'

/** The store that a command line names. @throws CliError when it names none or two */
export function storeLocationOf(options: StoreOptions): StoreLocation {
  try {
    return storeLocation(options, { url: '--store-url', dir: '--store-dir' })
  } catch (error) {
    if (!(error instanceof StoreLocationError)) throw error
    throw new CliError('usage', error.message, 'assay store serves a folder as a URL.')
  }
}
