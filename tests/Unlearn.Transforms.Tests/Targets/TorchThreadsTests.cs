using TorchSharp;
using Unlearn.Transforms.Runtime;
using Xunit;

namespace Unlearn.Transforms.Tests.Targets;

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
}
