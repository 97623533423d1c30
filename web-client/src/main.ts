import './ui/css/tokens.css'
import './ui/css/base.css'
import './ui/css/controls.css'
import { createApp } from 'vue'
import App from './App.vue'
import { createAppServices } from './app-services.ts'
import { createWords } from './i18n/words.ts'
import { installShell } from './install.ts'
import { createAppRouter } from './router.ts'
import { servicesKey } from './services.ts'

const services = createAppServices()
createApp(App)
  .provide(servicesKey, services)
  .use(createWords(services.preferences))
  .use(createAppRouter(services.session))
  .mount('#app')
installShell(navigator)
