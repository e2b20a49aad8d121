import type { Logger } from '@onsignup/core'
import type { EventHub } from '@onsignup/core/engine'

/** Writes what the engine does into the log; ids and outcomes, no personal data. */
export const logEvents = (events: EventHub, logger: Logger): void => {
  events.on('accepted', (accepted) => logger.info(accepted, 'accepted'))
  events.on('settled', ({ delivery, event, connector, state, attempt }) => {
    const fields = {
      delivery,
      event,
      connector,
      state,
      outcome: attempt.outcome,
      code: attempt.code,
      ms: attempt.ms,
    }
    if (state === 'dead' || state === 'unknown') logger.error({ ...fields, detail: attempt.detail }, state)
    else if (state === 'open') logger.warn({ ...fields, detail: attempt.detail }, 'tried again later')
    else logger.info(fields, state)
  })
  events.on('parked', ({ connector, parked: { code, reason, mend }, again }) =>
    logger[again ? 'warn' : 'error'](
      { connector, code, reason, mend },
      `${connector} is parked: its deliveries wait until this is mended`,
    ),
  )
  events.on('paused', ({ connector }) => logger.warn({ connector }, `${connector} is paused by command`))
  events.on('resumed', ({ connector }) => logger.info({ connector }, `${connector} is resumed by command`))
  events.on('alerted', ({ connectors, through, sent }) => {
    if (sent) logger.info({ connectors, through }, `${through} took an alert`)
  })
  events.on('released', ({ connector }) => logger.info({ connector }, `${connector} works again`))
}
