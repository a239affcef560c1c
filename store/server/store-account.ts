import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { StoreError } from '../blob-store.ts'
import { serverFolder } from '../folder.ts'
import { makeFolder } from '../make-folder.ts'

/**
 * The account with which a store signs receipts. Its key is made at the first start, and kept in the store's folder for
 * this user alone. It holds no money.
 */
export async function openStoreAccount(dir: string): Promise<LocalAccount> {
  const path = join(serverFolder(dir), 'receipt-key')
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  return accountOf(kept ?? (await makeKey(dir, path)), path)
}

/** Writes a new key whole or not at all. Of two processes that start at once, both get the same one. */
async function makeKey(dir: string, path: string): Promise<string> {
  await makeFolder(serverFolder(dir))
  const key = `0x${randomBytes(32).toString('hex')}\n`
  await writeWholeFile(path, key, { mode: 0o600, isNew: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return readFile(path, 'utf8')
}

function accountOf(text: string, path: string): LocalAccount {
  const key = text.trim()
  if (/^0x[0-9a-f]{64}$/.test(key)) return privateKeyToAccount(key as `0x${string}`)
  throw new StoreError(
    'unavailable',
    `${path} holds no key. Restore it, or remove it: then the store signs with a new one.`,
  )
}
