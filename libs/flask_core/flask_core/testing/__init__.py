"""What tests of modules are made of: a chat driver, real servers, fake platforms."""
