using System.Text;
using Unlearn.MLNet.Tests.Trials;

namespace Unlearn.TestPrograms;

/// <summary>Runs the trials of a <see cref="TinyLabeling"/> and writes down each batch as it begins.</summary>
internal static class Labeling
{
    // Trials of a few milliseconds would be over before anybody could interfere.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static async Task RunAsync(string ledgerPath, string diaryPath, int trials, int stack)
    {
        FileStream? diary = null;
        using var labeling = new TinyLabeling(trials, stack: stack);
        await labeling.RunAsync(ledgerPath, workers: 1, batch =>
        {
            // Without a buffer: what is written is there whatever happens to the process.
            diary ??= new FileStream(diaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            diary.Write(Encoding.UTF8.GetBytes($"{string.Join(' ', batch.Select(trial => trial.Id))}\n"));
            Thread.Sleep(Pause);
        });
        diary?.Dispose();
    }
}
