"""Real players, one viewer each: does it play, and is it one session?"""
