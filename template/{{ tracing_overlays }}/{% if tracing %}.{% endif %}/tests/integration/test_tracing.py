import time, httpx
from tests.support.langfuse_fake import LangfuseFake, Mood
async def test_a(start_bot):
    f=LangfuseFake(); f.mood=Mood.SILENT
    b=await start_bot(LANGFUSE_HOST=f.url, LANGFUSE_PUBLIC_KEY='pk', LANGFUSE_SECRET_KEY='sk')
    async with httpx.AsyncClient(timeout=20) as h:
        t=time.time(); print((await h.post(b.url+'/api/chats/completions',json={'user_id':'ana','question':'oi'})).status_code, time.time()-t)
    t=time.time()
    print(await b.stop(), time.time()-t, b.log(), len(f.requests))
    assert 0
