import { join } from 'node:path'
import { type AssayClient, type AssayReader, connect, connectReader } from '@assay/sdk/client/clients.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import { readDeployment } from '@assay/sdk/client/deployment-file.ts'
import { AssayError, decodeFailure } from '@assay/sdk/client/errors.ts'
import { shownUrl } from '@assay/sdk/client/shown-url.ts'
import { type Command, Option } from 'commander'
import { type Address, getAddress, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { CliError } from './failure.ts'
import { parseAddress, sentence } from './format.ts'
import { addressOfKeystore, decryptKey, parsePrivateKey, readKeystore } from './keystore.ts'
import { askSecret } from './prompt.ts'
import { readTextBytes } from './text-file.ts'

const DEPLOYMENTS = join(import.meta.dirname, '../deployments')

/** Options of every verb that reads the chain. */
export interface ChainOptions {
  rpc: string
  network: string
  deployment?: string
  json?: boolean
}

/** Options of every verb that signs. */
export interface KeyOptions extends ChainOptions {
  keystore?: string
  passwordFile?: string
  yes?: boolean
  unsigned?: boolean
}

/** Adds the options of verbs that read the chain. */
export function withChain(command: Command): Command {
  const rpc = process.env.ASSAY_RPC_URL ?? 'http://127.0.0.1:8545'
  return command
    .addOption(
      new Option('--rpc <url>', 'the node (or ASSAY_RPC_URL)').default(rpc, JSON.stringify(shownUrl(rpc))),
    )
    .option(
      '--network <name>',
      'deployments/<name>.json names the contracts (or ASSAY_NETWORK)',
      process.env.ASSAY_NETWORK ?? 'localhost',
    )
    .option('--deployment <file>', 'another file that names the contracts (or ASSAY_DEPLOYMENT)')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
}

/** Adds the options of verbs that need a key. */
export function withKey(command: Command): Command {
  return withChain(command)
    .option(
      '--keystore <file>',
      'encrypted key (or ASSAY_KEYSTORE; or a plain key in ASSAY_PRIVATE_KEY, for tests)',
    )
    .option('--password-file <file>', "the keystore's password (or ASSAY_KEYSTORE_PASSWORD)")
}

/** Adds the options of verbs that send transactions. */
export function withTransaction(command: Command): Command {
  return withKey(command)
    .option('-y, --yes', 'send without asking (without a terminal nothing is ever asked)')
    .option('--unsigned', 'print the calls instead of signing them, for a wallet elsewhere')
}

/** The contracts that the options name. @throws CliError when the file can't be used */
export function deploymentOf(options: ChainOptions): Deployment {
  const file =
    options.deployment ?? process.env.ASSAY_DEPLOYMENT ?? join(DEPLOYMENTS, `${options.network}.json`)
  try {
    return readDeployment(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'usage',
      sentence(reason),
      'npm run deploy writes it; --network or --deployment name another.',
    )
  }
}

/** The node's URL. @throws CliError when it isn't one */
export function rpcUrlOf({ rpc }: ChainOptions): string {
  if (URL.canParse(rpc) && /^https?:$/.test(new URL(rpc).protocol)) return rpc
  throw new CliError(
    'usage',
    `"${shownUrl(rpc)}" is not the URL of a node.`,
    'Give --rpc (or ASSAY_RPC_URL) as http://host:port or https://host.',
  )
}

/** Reads the chain. @throws AssayError when it is another chain or doesn't answer */
export async function readerOf(options: ChainOptions): Promise<AssayReader> {
  const deployment = deploymentOf(options)
  const rpcUrl = rpcUrlOf(options)
  return connectReader({ deployment, rpcUrl }).catch((error) => nameNode(error, rpcUrl))
}

/** Reads the chain and signs. @throws AssayError like `readerOf`, CliError without a key */
export async function clientOf(options: KeyOptions): Promise<AssayClient> {
  const account = privateKeyToAccount(await privateKeyOf(options))
  const deployment = deploymentOf(options)
  const rpcUrl = rpcUrlOf(options)
  return connect({ deployment, rpcUrl, account }).catch((error) => nameNode(error, rpcUrl))
}

/** Adds the node's address to the error. A node that doesn't answer is most often not the one that was meant. */
function nameNode(error: unknown, rpcUrl: string): never {
  const failure = decodeFailure(error)
  if (failure.kind !== 'transient') throw error
  const message = failure.message.replace(/^The node\b(?! at )/, `The node at ${new URL(rpcUrl).origin}`)
  const fix = 'Start it (npm run chain, for a local network), or name another with --rpc or ASSAY_RPC_URL.'
  throw new AssayError({ ...failure, message, fix })
}

/**
 * The key that signs: --keystore, else ASSAY_PRIVATE_KEY, else ASSAY_KEYSTORE.
 * @throws CliError when there is none, or its password is wrong or can't be asked for
 */
export function privateKeyOf(options: KeyOptions): Promise<Hex> {
  unlocked ??= unlock(options)
  return unlocked
}

/** The key, once it is decrypted, so that nobody has to type a password twice. */
let unlocked: Promise<Hex> | undefined

async function unlock(options: KeyOptions): Promise<Hex> {
  const plain = process.env.ASSAY_PRIVATE_KEY
  if (options.keystore === undefined && plain !== undefined && plain !== '')
    return parsePrivateKey(plain, 'ASSAY_PRIVATE_KEY')
  const file = keystoreFile(options)
  const text = readKeystore(file)
  return decryptKey(text, await passwordOf(options, `Password of ${file}: `), file)
}

/** The address of the key that signs; if possible, without asking for the password. */
export async function addressOf(options: KeyOptions): Promise<Address> {
  const plain = process.env.ASSAY_PRIVATE_KEY
  if (options.keystore === undefined && plain !== undefined && plain !== '') {
    return privateKeyToAccount(parsePrivateKey(plain, 'ASSAY_PRIVATE_KEY')).address
  }
  const file = keystoreFile(options)
  const named = addressOfKeystore(readKeystore(file), file)
  return named === undefined
    ? privateKeyToAccount(await privateKeyOf(options)).address
    : parseAddress(getAddress(named))
}

/**
 * The password's bytes: from a file, the environment or the terminal. Only of a file they may be no UTF-8.
 *
 * @throws CliError when none of them has it
 */
export async function passwordOf(options: { passwordFile?: string }, question: string): Promise<Uint8Array> {
  const { passwordFile } = options
  if (passwordFile !== undefined) {
    try {
      return withoutLineEnd(readTextBytes(passwordFile))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CliError('usage', `The password file can't be read: ${reason}`, 'Check --password-file.')
    }
  }
  const fromEnvironment = process.env.ASSAY_KEYSTORE_PASSWORD
  if (fromEnvironment !== undefined) return Buffer.from(fromEnvironment)
  if (process.stdin.isTTY) return Buffer.from(await askSecret(question))
  throw new CliError(
    'usage',
    'The keystore needs a password, and there is no terminal to ask for it.',
    'Give --password-file or ASSAY_KEYSTORE_PASSWORD.',
  )
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const [newline, carriageReturn] = [0x0a, 0x0d]
  if (bytes.at(-1) !== newline) return bytes
  return bytes.subarray(0, bytes.at(-2) === carriageReturn ? -2 : -1)
}

/** Whether the options or the environment name a key. */
export function namesKey({ keystore }: KeyOptions): boolean {
  const { ASSAY_KEYSTORE, ASSAY_PRIVATE_KEY } = process.env
  return [keystore, ASSAY_KEYSTORE, ASSAY_PRIVATE_KEY].some((name) => name !== undefined && name !== '')
}

/** Options of a verb whose unsigned calls depend on who will send them. */
export interface SenderOptions extends KeyOptions {
  account?: Address
}

/**
 * Who will send a verb's calls; undefined if they are to be printed and nobody says for whom.
 *
 * @throws CliError for another account than the one that signs
 */
export async function senderOf(options: SenderOptions): Promise<Address | undefined> {
  const { account, unsigned } = options
  if (!unsigned && account !== undefined) {
    throw new CliError(
      'usage',
      '--account names who will send calls that are printed, so it needs --unsigned.',
      "Give --unsigned, or the account's own key instead of --account.",
    )
  }
  return account ?? (unsigned && !namesKey(options) ? undefined : await addressOf(options))
}

function keystoreFile(options: KeyOptions): string {
  const file = options.keystore ?? process.env.ASSAY_KEYSTORE
  if (file !== undefined && file !== '') return file
  throw new CliError(
    'usage',
    'No key is given.',
    'Give --keystore FILE or ASSAY_KEYSTORE (make one with: assay keys create FILE), or ASSAY_PRIVATE_KEY.',
  )
}
