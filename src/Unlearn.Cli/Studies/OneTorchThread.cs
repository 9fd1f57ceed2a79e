using TorchSharp;

namespace Unlearn.Cli.Studies;

/// <summary>
/// Runs work as trials run: on a thread with one Torch thread. Results depend on their number, and on a busy machine several wait for each other.
/// </summary>
internal static class OneTorchThread
{
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                torch.set_num_threads(1);
                result.SetResult(work());
            }
            catch (OperationCanceledException stop)
            {
                result.SetCanceled(stop.CancellationToken);
            }
            catch (Exception failure)
            {
                result.SetException(failure);
            }
        })
        { IsBackground = true, Name = "unlearn" }.Start();
        return result.Task;
    }
}
