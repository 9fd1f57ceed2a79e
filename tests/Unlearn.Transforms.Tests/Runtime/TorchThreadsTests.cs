using TorchSharp;
using Unlearn.Transforms.Runtime;
using Xunit;

namespace Unlearn.Transforms.Tests.Runtime;

// The number of threads that new threads begin with is the whole process's.
[CollectionDefinition(nameof(TorchThreadsTests), DisableParallelization = true)]
[Collection(nameof(TorchThreadsTests))]
public sealed class TorchThreadsTests
{
    [Fact]
    public void What_other_threads_set_meanwhile_changes_nothing()
    {
        var before = torch.get_num_threads();
        try
        {
            for (var attempt = 0; attempt < 20; attempt++)
            {
                int asked = 0, later = 0;
                OnNewThread(() =>
                {
                    TorchThreads.UseOne();
                    OnNewThread(() => torch.set_num_threads(3));
                    asked = torch.get_num_threads();
                    _ = torch.rand(200, 200).mm(torch.rand(200, 200));
                    later = torch.get_num_threads();
                });
                Assert.Equal((1, 1), (asked, later));
            }
        }
        finally
        {
            OnNewThread(() => torch.set_num_threads(before));
        }

        static void OnNewThread(Action work)
        {
            var thread = new Thread(() =>
            {
                using var scope = torch.NewDisposeScope();
                work();
            });
            thread.Start();
            thread.Join();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_piece_is_done_once_on_one_torch_thread_and_the_number_is_put_back(int workers)
    {
        LetNewThreadsBeginAsThisOne();
        var before = ThreadsOfANewThread();
        var done = new int[20];
        var torchThreads = new int[done.Length];
        TorchThreads.RunAll("test", done.Length, workers, piece =>
        {
            Interlocked.Increment(ref done[piece]);
            torchThreads[piece] = torch.get_num_threads();
        }, TestContext.Current.CancellationToken);
        Assert.All(done, times => Assert.Equal(1, times));
        Assert.All(torchThreads, count => Assert.Equal(1, count));
        Assert.Equal(before, ThreadsOfANewThread());
    }

    [Fact]
    public async Task Work_on_a_thread_of_its_own_takes_one_torch_thread_and_the_number_is_put_back()
    {
        LetNewThreadsBeginAsThisOne();
        var before = ThreadsOfANewThread();
        Assert.Equal((1, "test"), await TorchThreads.RunAsync("test", () => (torch.get_num_threads(), Thread.CurrentThread.Name)));
        Assert.Equal(before, ThreadsOfANewThread());
        await Assert.ThrowsAsync<FormatException>(() => TorchThreads.RunAsync<int>("test", () => throw new FormatException()));
        Assert.Equal(before, ThreadsOfANewThread());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TorchThreads.RunAsync<int>("test", () => throw new OperationCanceledException()));
    }

    [Fact]
    public void The_first_failure_keeps_other_pieces_from_starting()
    {
        var started = 0;
        Assert.Throws<FormatException>(() =>
            TorchThreads.RunAll("test", 100, workers: 1, _ => throw new FormatException(string.Empty + ++started), TestContext.Current.CancellationToken));
        Assert.Equal(1, started);
    }

    [Fact]
    public void Pieces_that_a_cancellation_left_undone_are_told()
    {
        using var cancellation = new CancellationTokenSource();
        var done = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => TorchThreads.RunAll("test", 5, workers: 1, _ => Stop(2), cancellation.Token));
        Assert.Equal(2, done);
        using var late = new CancellationTokenSource();
        TorchThreads.RunAll("test", 1, workers: 1, _ => late.Cancel(), late.Token);

        void Stop(int after)
        {
            if (++done == after)
                cancellation.Cancel();
        }
    }

    // A test that ran before may have left another number to new threads than this one has.
    private static void LetNewThreadsBeginAsThisOne() => torch.set_num_threads(torch.get_num_threads());

    private static int ThreadsOfANewThread()
    {
        var threads = 0;
        var thread = new Thread(() => threads = torch.get_num_threads());
        thread.Start();
        thread.Join();
        return threads;
    }
}
