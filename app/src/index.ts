export { createOnSignup, type OnSignupApp, type OnSignupOptions } from './create-onsignup.ts'
export type { BackfillPeriod, OnSignup, Published, TriedPublish } from '@onsignup/core/engine'
export { PublishError, type RegistrationEvent, type RegistrationInput } from '@onsignup/core'
