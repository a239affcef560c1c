import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EIP1193Provider, trackTransaction, wipe } from '@nomicfoundation/ignition-core'
import { artifactsOnDisk } from './artifacts.ts'

/** A line of Ignition's journal: the fields about transactions. */
interface JournalLine {
  type: string
  futureId?: string
  networkInteractionId?: number
  nonce?: number
}

/** The journal's lines. @throws Error that names the file, the line that isn't whole, and the way out */
function linesOf(file: string, text: string): JournalLine[] {
  const lines = text.split('\n')
  const last = lines.findLastIndex((line) => line.trim() !== '')
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return [JSON.parse(line) as JournalLine]
    } catch {
      // Ignition writes a line to the disk before it does what the line says, so a run can go on without its last one.
      const wayOut =
        i === last
          ? 'the run was stopped, or the disk was full, while it was written. Remove this line and run this again: what it is about is looked up on the chain'
          : 'the file was changed. Restore it from a copy, or move its folder away to deploy anew'
      throw new Error(`Line ${i + 1} of ${file} is not whole: ${wayOut}.`)
    }
  })
}

/** A transaction of which the journal doesn't say whether it was sent. */
interface Unsure {
  step: string
  nonce: number
}

/**
 * Resolves transactions that the journal of an interrupted run has as prepared, but not as sent. One that reached the chain is added to
 * the journal; otherwise its step starts again.
 *
 * @throws Error when such a transaction is still on its way into a block, or a line of the journal is not whole
 */
export async function resolveLostTransactions(at: {
  provider: EIP1193Provider
  deployer: string
  journalDir: string
  startBlock: number
}): Promise<void> {
  const { provider, deployer, journalDir } = at
  for (const { step, nonce } of await unsureTransactions(journalDir)) {
    if ((await transactionCount(provider, deployer, 'pending')) <= nonce) {
      await wipe(journalDir, artifactsOnDisk(), step)
      continue
    }
    const hash = await findTransaction(at, nonce)
    if (hash === undefined) {
      throw new Error(
        `A transaction of the interrupted run (${step}, nonce ${nonce}) is not in a block yet: run this again in a minute.`,
      )
    }
    await trackTransaction(journalDir, hash, provider, 1)
  }
}

async function unsureTransactions(journalDir: string): Promise<Unsure[]> {
  const file = join(journalDir, 'journal.jsonl')
  if (!existsSync(file)) return []
  const unsure = new Map<string, Unsure>()
  for (const line of linesOf(file, await readFile(file, 'utf8'))) {
    const { type, futureId: step = '', networkInteractionId, nonce } = line
    const key = `${step} ${networkInteractionId}`
    if (type === 'TRANSACTION_PREPARE_SEND' && nonce !== undefined) unsure.set(key, { step, nonce })
    else if (type === 'TRANSACTION_SEND') unsure.delete(key)
    else if (type === 'WIPE_APPLY') {
      for (const known of unsure.keys()) if (known.startsWith(`${step} `)) unsure.delete(known)
    }
  }
  return [...unsure.values()]
}

/** The hash of the deployer's transaction with a nonce; a binary search finds its block. */
async function findTransaction(
  { provider, deployer, startBlock }: { provider: EIP1193Provider; deployer: string; startBlock: number },
  nonce: number,
): Promise<string | undefined> {
  let [before, after] = [startBlock, Number(await provider.request({ method: 'eth_blockNumber' }))]
  if ((await transactionCount(provider, deployer, hex(after))) <= nonce) return undefined
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if ((await transactionCount(provider, deployer, hex(middle))) > nonce) after = middle
    else before = middle
  }
  const block = (await provider.request({ method: 'eth_getBlockByNumber', params: [hex(after), true] })) as {
    transactions: { from: string; nonce: string; hash: string }[]
  }
  return block.transactions.find(
    ({ from, nonce: used }) => from.toLowerCase() === deployer.toLowerCase() && Number(used) === nonce,
  )?.hash
}

async function transactionCount(provider: EIP1193Provider, account: string, block: string): Promise<number> {
  return Number(await provider.request({ method: 'eth_getTransactionCount', params: [account, block] }))
}

const hex = (block: number) => `0x${block.toString(16)}`
