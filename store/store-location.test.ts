import { expect } from 'chai'
import { isForOthers, StoreLocationError, storeLocations, storeName } from './store-location.ts'

describe('the locations of stores', () => {
  it('are servers and folders, as many as are named, each once', () => {
    expect(storeLocations({ storeUrl: 'http://127.0.0.1:8080' })).to.deep.equal([
      { url: 'http://127.0.0.1:8080' },
    ])
    expect(storeLocations({ storeUrl: undefined, storeDir: 'blobs' })).to.deep.equal([{ dir: 'blobs' }])
    const named = { storeUrl: ['http://a', 'https://b', 'http://a'], storeDir: ['blobs'] }
    expect(storeLocations(named)).to.deep.equal([{ url: 'http://a' }, { url: 'https://b' }, { dir: 'blobs' }])
  })

  it('are refused when none is named, in the words of whoever asked', () => {
    const none = 'Name at least one store with'
    expect(() => storeLocations({})).to.throw(StoreLocationError, `${none} storeUrl or storeDir.`)
    expect(() => storeLocations({}, { url: '--store-url', dir: '--store-dir' })).to.throw(
      StoreLocationError,
      `${none} --store-url or --store-dir.`,
    )
  })

  for (const wrong of ['ftp://me:secret@x', 'here', '', 'me:secret@x'])
    it(`are refused when one of them is "${wrong}", without a password in the refusal`, () => {
      const refusal = expect(() => storeLocations({ storeUrl: ['http://a', wrong] }))
      refusal.to.throw(StoreLocationError, /^"[^"]*" is not the address of a store: give storeUrl as http/)
      refusal.not.to.throw(/secret/)
    })

  it('are refused when one is named for two users', () => {
    expect(() => storeLocations({ storeUrl: ['http://a:1@x', 'http://b:2@x'] })).to.throw(
      StoreLocationError,
      'The store http://x is named for two users.',
    )
  })

  it('are for others unless they are a folder or an address of this machine alone', () => {
    for (const url of ['http://store.example', 'https://10.0.0.7:4180', 'http://[2001:db8::1]:80'])
      expect(isForOthers({ url }), url).to.equal(true)
    const own = ['http://127.0.0.1:4180', 'http://127.1.2.3', 'http://localhost:4180', 'http://[::1]:4180']
    for (const url of own) expect(isForOthers({ url }), url).to.equal(false)
    expect(isForOthers({ dir: '/blobs' })).to.equal(false)
  })

  it('have names without passwords', () => {
    expect(storeName({ url: 'https://me:secret@store.example/a' })).to.equal('https://store.example/a')
    expect(storeName({ dir: '/blobs' })).to.equal('/blobs')
  })
})
