import './base.css';
import './changes.css';
import './history.css';
import './forms.css';
import './diff.css';
