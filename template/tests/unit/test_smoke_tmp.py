import httpx
async def test_a(bot, user_id):
    async with httpx.AsyncClient(base_url=bot.url) as h:
        r=await h.post('/api/chats/completions',json={'user_id':user_id,'question':'oi'})
        print(r.status_code,r.text)
        assert r.status_code==200
async def test_b(bedrock_bot, bedrock, user_id):
    async with httpx.AsyncClient(base_url=bedrock_bot.url) as h:
        r=await h.post('/api/chats/completions',json={'user_id':user_id,'question':'oi'})
        print(r.status_code,r.text, bedrock.bodies())
        assert r.status_code==200
async def test_c(start_bot, user_id):
    b=await start_bot()
    async with httpx.AsyncClient(base_url=b.url) as h:
        r=await h.post('/api/chats/completions',json={'user_id':user_id,'question':'oi'})
        print(r.status_code,r.text, b.log())
        assert r.status_code==200
    print(await b.stop())
