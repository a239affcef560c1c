import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type KeptReceipt, readReceipts } from '@assay/daemon/upload-log.ts'
import { timeText } from '@assay/sdk/client/times.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { sizeText } from '../size.ts'

/** `assay receipts` */
export function addReceipts(program: Command): void {
  addVerb(program, {
    usage: 'receipts',
    summary: 'Show what stores have confirmed to a stopped daemon: that it published, and when.',
    details:
      'Each receipt is signed by the store (EIP-191). --json prints the receipts whole, as proof for others.',
    examples: ['assay receipts --data-dir ./me', 'assay receipts --data-dir ./me --json > receipts.json'],
  })
    .requiredOption('--data-dir <folder>', 'folder of a daemon that does not run now')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(({ dataDir, json }: { dataDir: string; json?: boolean }) => {
      const receipts = receiptsIn(dataDir)
      print({ data: { receipts }, text: textOf(receipts) }, json)
    })
}

function receiptsIn(dataDir: string): KeptReceipt[] {
  const path = join(dataDir, 'daemon.sqlite')
  if (!existsSync(path))
    throw new CliError('usage', `${dataDir} is not the folder of a daemon.`, 'Give its --data-dir.')
  const db = new DatabaseSync(path, { timeout: 500 })
  try {
    return readReceipts(db)
  } catch (error) {
    if (/no such table/.test(String(error))) return []
    if (!/locked|busy/i.test(String(error))) throw error
    throw new CliError('tryAgain', `${path} is in use: the daemon runs.`, 'Stop it first.')
  } finally {
    db.close()
  }
}

function textOf(receipts: readonly KeptReceipt[]): string {
  if (receipts.length === 0) return 'No store has confirmed anything yet.'
  return receipts
    .map(
      ({ path, sizeBytes, seconds, store, storeName }) =>
        `${timeText(seconds)}  ${path} (${sizeText(sizeBytes)})\n    at ${storeName}, signed by ${store}`,
    )
    .join('\n')
}
