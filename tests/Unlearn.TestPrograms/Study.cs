using Unlearn.MLNet;
using Unlearn.MLNet.Tests;

namespace Unlearn.TestPrograms;

/// <summary>Runs the tiny study and tells each step.</summary>
internal static class Study
{
    public static async Task RunAsync(string folder) => await TinyStudy.RunAsync(folder, workers: 1, new Told());

    private sealed class Told : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => Console.WriteLine($"{value.Stage} {value.Finished}");
    }
}
