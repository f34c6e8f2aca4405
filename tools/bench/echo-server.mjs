import { createServer } from 'node:http'

createServer((request, response) => {
  request.resume()
  response.end('ok')
}).listen(Number(process.env.PORT), '127.0.0.1')
