import '@fontsource-variable/source-sans-3/wght.css';
import '@nl-design-system-candidate/button-css/button.css';
import '@nl-design-system-candidate/data-badge-css/data-badge.css';
import '@nl-design-system-candidate/mark-css/mark.css';
import { mount } from 'svelte';
import App from './App.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/design-system.css';

const target = document.getElementById('app');
if (target) mount(App, { target });
