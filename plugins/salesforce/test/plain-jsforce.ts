import { Connection } from 'jsforce/lib/connection.js'

// jsforce as it comes, in a process of its own, since it may end it: argv is the address of an org.
const connection = new Connection({
  instanceUrl: process.argv[2] ?? '',
  accessToken: 'the-token',
  version: '66.0',
})
try {
  await connection.sobject('Lead').create([{ LastName: 'x', Company: 'y' }])
} catch {
  console.log('caught')
}
