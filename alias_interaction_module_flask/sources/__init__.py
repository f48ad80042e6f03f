"""Services outside that texts ask: the weather, Last.fm, Steam and Riot."""
