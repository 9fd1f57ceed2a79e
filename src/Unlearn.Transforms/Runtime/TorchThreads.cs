using TorchSharp;

namespace Unlearn.Transforms.Runtime;

/// <summary>How many threads Torch's operations take on the current thread.</summary>
internal static class TorchThreads
{
    /// <summary>Makes every operation of the current thread take one thread, so that its results depend neither on the number of cores nor on what other threads do.</summary>
    /// <exception cref="InvalidOperationException">Torch does not let itself be told.</exception>
    public static void UseOne()
    {
        // Torch gives a thread the number that any thread has set last when it first asks; asking first keeps that from undoing what is set here.
        _ = torch.get_num_threads();
        torch.set_num_threads(1);
        if (torch.get_num_threads() is var threads && threads != 1)
            throw new InvalidOperationException($"Torch uses {threads} threads for one operation where one was asked for, so trials would not be reproducible. Set the environment variable OMP_NUM_THREADS=1.");
    }
}
