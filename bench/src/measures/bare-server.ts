import { createServer } from 'node:http'

/** Answers as the program does, and stores nothing: node:http alone. */
const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text: string) => (body += text))
  request.on('end', () => {
    const parsed: unknown = JSON.parse(body)
    const isThere = typeof parsed === 'object' && parsed !== null
    const answer = JSON.stringify({ id: '00000000-0000-5000-8000-000000000000', duplicate: !isThere })
    response.writeHead(202, { 'Content-Type': 'application/json', 'Content-Length': answer.length })
    response.end(answer)
  })
})

server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listens on 127.0.0.1'))
