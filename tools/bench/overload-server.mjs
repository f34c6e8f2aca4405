import { createServer } from 'node:http'

createServer((request, response) => {
  request.resume()
  // A query that is never answered holds its slot, so that what was filled in stays waiting.
  if (request.url !== '/hold') response.end('ok')
}).listen(Number(process.env.PORT), '127.0.0.1')
