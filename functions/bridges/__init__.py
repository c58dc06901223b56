"""What every bridge to another broker shares: CloudEvents' bindings, the way out and the way in."""
