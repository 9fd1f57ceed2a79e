using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Unlearn.MLNet.Tests.Studies;

/// <summary>Another process that runs the tiny study: this test program again, which tells each step in place of running tests.</summary>
internal static class StudyProcess
{
    private const string FolderVariable = "UNLEARN_TEST_STUDY_FOLDER";

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(StudyProcess).Assembly.Location);
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add("no.test");
        start.Environment[FolderVariable] = folder;
        return Process.Start(start)!;
    }

    [ModuleInitializer]
    internal static void StudyInPlaceOfTests()
    {
        // No other thread may use this assembly before its initializer has returned: the study goes on beside the runner, which finds no test.
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder)
            new Thread(() => TinyStudy.RunAsync(folder, workers: 1, new Told()).GetAwaiter().GetResult()).Start();
    }

    private sealed class Told : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => Console.WriteLine($"{value.Stage} {value.Finished}");
    }
}
