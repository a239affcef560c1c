import {
  createCipheriv,
  createDecipheriv,
  pbkdf2Sync,
  randomBytes,
  randomUUID,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { bytesToHex, concat, getAddress, type Hex, hexToBytes, isHex, keccak256, pad } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod4'
import { CliError } from './failure.ts'
import { readTextFile } from './text-file.ts'

/*
 * Encrypted keys in the format that wallets share (Web3 Secret Storage, version 3):
 *
 *   derived    = scrypt(password, salt, N, r, p) or PBKDF2(password, salt, c), the first 32 bytes
 *   ciphertext = AES-128-CTR(key = derived[0…15], iv)(private key)
 *   mac        = keccak256(derived[16…31] ‖ ciphertext)
 */
const COST = { n: 131_072, r: 8, p: 1, dklen: 32 }
/** scrypt takes 128·N·r bytes. A file that asks for more than this is refused, so that it can't fill the memory. */
const MOST_SCRYPT_BYTES = 1024 * 1024 * 1024
/** Some seconds of work; wallets use 262,144 and less. */
const MOST_PBKDF2_ROUNDS = 10_000_000

/** secp256k1's: private keys are the numbers from 1 up to it. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

const hexText = z.string().regex(/^(0x)?([0-9a-fA-F]{2})+$/)
const hexOf = (bytes: number) =>
  hexText.refine((text) => fromHex(text).length === bytes, `must be ${bytes} bytes in hexadecimal digits`)
/** Of a longer derived key only the first 32 bytes are used. */
const dklen = z.int().min(32).max(1024)
const scryptParams = z.object({ n: z.int(), r: z.int(), p: z.int(), dklen, salt: hexText })
const pbkdf2Params = z.object({ c: z.int(), prf: z.literal('hmac-sha256'), dklen, salt: hexText })
const sealed = {
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.object({ iv: hexOf(16) }),
  // Some tools leave out a key's leading zeros.
  ciphertext: hexText.refine((text) => fromHex(text).length <= 32, 'must be at most 32 bytes'),
  mac: hexOf(32),
}
const keystoreSchema = z.object({
  version: z.literal([3, '3']),
  address: hexOf(20).optional(),
  crypto: z.discriminatedUnion('kdf', [
    z.object({ ...sealed, kdf: z.literal('scrypt'), kdfparams: scryptParams }),
    z.object({ ...sealed, kdf: z.literal('pbkdf2'), kdfparams: pbkdf2Params }),
  ]),
})
type Crypto = z.infer<typeof keystoreSchema>['crypto']

/**
 * Encrypts a private key.
 * @param cost scrypt's N, a power of two; lower only for tests
 * @returns the file's text
 */
export function encryptKey(privateKey: Hex, password: string, cost = COST.n): string {
  const [salt, iv] = [randomBytes(32), randomBytes(16)]
  const kdfparams = { ...COST, n: cost, salt: salt.toString('hex') }
  const derived = scrypt(Buffer.from(password.normalize('NFKC')), kdfparams)
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const ciphertext = Buffer.concat([cipher.update(hexToBytes(privateKey)), cipher.final()])
  const { address } = privateKeyToAccount(privateKey)
  return `${JSON.stringify(
    {
      version: 3,
      id: randomUUID(),
      address: address.slice(2).toLowerCase(),
      crypto: {
        cipher: 'aes-128-ctr',
        cipherparams: { iv: iv.toString('hex') },
        ciphertext: ciphertext.toString('hex'),
        kdf: 'scrypt',
        kdfparams,
        mac: macOf(derived, ciphertext).slice(2),
      },
    },
    undefined,
    2,
  )}\n`
}

/**
 * Decrypts a keystore file's text.
 *
 * @param password as bytes or text; text is tried in all the forms that tools derive keys from
 * @throws CliError when it isn't a version 3 keystore, the password is wrong, or the key has another address than the file says
 */
export function decryptKey(text: string, password: string | Uint8Array, file: string): Hex {
  const { crypto, address } = parseKeystore(text, file)
  const key = passwordForms(password)
    .map((form) => open(crypto, form))
    .find((opened) => opened !== undefined)
  if (key === undefined) {
    throw new CliError(
      'failed',
      `The password does not decrypt ${file}.`,
      'Check it (ASSAY_KEYSTORE_PASSWORD or --password-file).',
    )
  }
  const actual = privateKeyToAccount(requirePrivateKey(key, file)).address
  if (address !== undefined && getAddress(bytesToHex(fromHex(address))) !== actual) {
    throw new CliError(
      'failed',
      `${file} says that its key is of ${getAddress(bytesToHex(fromHex(address)))}, but it is of ${actual}.`,
      'Somebody changed the file: use a copy that you trust. If the key is the right one, remove "address" from the file.',
    )
  }
  return key
}

/** The address that a keystore names, which nothing proves without its password; undefined if it names none. */
export function addressOfKeystore(text: string, file: string): Hex | undefined {
  const { address } = parseKeystore(text, file)
  return address === undefined ? undefined : bytesToHex(fromHex(address))
}

/** Reads a keystore file. @throws CliError when it can't be read */
export function readKeystore(file: string): string {
  try {
    return readTextFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'usage',
      `The keystore ${file} can't be read: ${reason}.`,
      `Make one with: assay keys create ${file}`,
    )
  }
}

/** Writes a new keystore that only its owner can read, whole or not at all. @throws CliError when it can't, or the file exists */
export async function writeKeystore(file: string, text: string): Promise<void> {
  try {
    await writeWholeFile(file, text, { mode: 0o600, isNew: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CliError(
      'failed',
      `The keystore ${file} can't be written: ${message}.`,
      code === 'EEXIST'
        ? 'A keystore is never overwritten: choose another file name.'
        : 'Nothing was written. Make room or choose another folder, and run it again.',
    )
  }
}

/** Parses `0x` and 64 digits. @throws CliError for anything else, without repeating the text */
export function parsePrivateKey(text: string, source: string): Hex {
  const key = text.trim().startsWith('0x') ? text.trim() : `0x${text.trim()}`
  if (isHex(key) && key.length === 66) return requirePrivateKey(key, source)
  throw new CliError('usage', `${source} does not hold a private key.`, 'It is 0x and 64 hexadecimal digits.')
}

/** @throws CliError for the numbers that no account has, without repeating them */
function requirePrivateKey(key: Hex, source: string): Hex {
  if (BigInt(key) > 0n && BigInt(key) < CURVE_ORDER) return key
  throw new CliError(
    'failed',
    `${source} holds a number that can't be a private key: 0, or not below the order of secp256k1.`,
    'Make a key with: assay keys create FILE',
  )
}

function parseKeystore(text: string, file: string): z.infer<typeof keystoreSchema> {
  try {
    // Some wallets write `Crypto`, and others all names with capitals.
    return keystoreSchema.parse(lowerNames(JSON.parse(text)))
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined
    const reason =
      issue === undefined ? 'it is not JSON' : `${issue.path.join('.') || 'the file'}: ${issue.message}`
    throw new CliError(
      'failed',
      `${file} is not a version 3 keystore with scrypt or pbkdf2 (${reason}).`,
      'Export it from the wallet once more, or make one with: assay keys create FILE --import KEYFILE',
    )
  }
}

function lowerNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.toLowerCase(), lowerNames(inner)]),
  )
}

/**
 * The bytes that tools derive keys from: geth takes the password as it was typed, ethers in NFKC, others in NFC or NFD. All
 * are the same for a password in ASCII.
 */
function passwordForms(password: string | Uint8Array): Buffer[] {
  const raw = Buffer.from(password)
  const text = raw.toString()
  // Bytes that aren't UTF-8 have no other forms.
  const forms = ['NFKC', 'NFC', 'NFD', 'NFKD'].map((form) => Buffer.from(text.normalize(form)))
  const all = Buffer.from(text).equals(raw) ? [raw, ...forms] : [raw]
  return all.filter((form, i) => all.findIndex((other) => other.equals(form)) === i)
}

/** The private key; undefined if it is another password's. */
function open(crypto: Crypto, password: Buffer): Hex | undefined {
  const derived =
    crypto.kdf === 'scrypt' ? scrypt(password, crypto.kdfparams) : pbkdf2(password, crypto.kdfparams)
  const ciphertext = fromHex(crypto.ciphertext)
  if (!timingSafeEqual(hexToBytes(macOf(derived, ciphertext)), fromHex(crypto.mac))) return undefined
  const cipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), fromHex(crypto.cipherparams.iv))
  return pad(bytesToHex(Buffer.concat([cipher.update(ciphertext), cipher.final()])), { size: 32 })
}

function scrypt(
  password: Buffer,
  { n, r, p, salt }: { n: number; r: number; p: number; salt: string },
): Buffer {
  const needed = 128 * n * r
  const isPowerOfTwo = n > 1 && Number.isInteger(Math.log2(n))
  if (!isPowerOfTwo || r < 1 || p < 1 || p > 16 || needed > MOST_SCRYPT_BYTES) {
    throw new CliError(
      'failed',
      `The keystore asks for scrypt with N ${n}, r ${r}, p ${p}: more than ${MOST_SCRYPT_BYTES} bytes, or not valid.`,
      'Encrypt the key again with: assay keys create FILE',
    )
  }
  return scryptSync(password, fromHex(salt), 32, { N: n, r, p, maxmem: 2 * needed + 1_048_576 })
}

function pbkdf2(password: Buffer, { c, salt }: { c: number; salt: string }): Buffer {
  if (c < 1 || c > MOST_PBKDF2_ROUNDS) {
    throw new CliError(
      'failed',
      `The keystore asks for ${c} rounds of pbkdf2, 1 to ${MOST_PBKDF2_ROUNDS} are possible.`,
      'Encrypt the key again with: assay keys create FILE',
    )
  }
  return pbkdf2Sync(password, fromHex(salt), c, 32, 'sha256')
}

function macOf(derived: Buffer, ciphertext: Uint8Array): Hex {
  return keccak256(concat([derived.subarray(16, 32), ciphertext]))
}

function fromHex(text: string): Uint8Array {
  return hexToBytes(`0x${text.replace(/^0x/, '')}`)
}
