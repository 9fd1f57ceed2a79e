using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>Runs Torch work on a thread of its own with one Torch thread, so that results do not depend on the number of cores.</summary>
internal static class TorchThread
{
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        TorchRuntime.EnsureAvailable();
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                TorchThreads.UseOne();
                completion.SetResult(work());
            }
            catch (OperationCanceledException cancelled)
            {
                completion.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                completion.SetException(failure);
            }
        })
        { IsBackground = true, Name = "Unlearn study" };
        thread.Start();
        return completion.Task;
    }
}
