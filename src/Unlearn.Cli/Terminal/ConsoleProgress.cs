using Spectre.Console;
using Unlearn.MLNet;

namespace Unlearn.Cli.Terminal;

/// <summary>Progress of long work: bars on a terminal, plain lines elsewhere.</summary>
internal static class ConsoleProgress
{
    public static Task<T> RunAsync<T>(Screen screen, Func<IProgress<StudyProgress>, Task<T>> run) =>
        screen.ShowsText && screen.Ansi.Profile.Capabilities.Interactive && screen.Ansi.Profile.Capabilities.Ansi
            ? screen.Ansi
                .Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(context => run(new Bars(context)))
            : run(new Lines(screen.ProgressLines));

    private static string Describe(StudyProgress step) =>
        $"{step.Stage}: {step.Detail}{(step.Remaining is { } remaining && step.Finished < step.Total ? $", {Duration(remaining)} to go" : "")}";

    private static string Duration(TimeSpan time) => time.TotalHours < 1 ? $@"{time:m\:ss}" : $@"{(int)time.TotalHours}:{time:mm\:ss}";

    private sealed class Bars(ProgressContext context) : IProgress<StudyProgress>
    {
        private readonly Dictionary<StudyStage, ProgressTask> _tasks = [];

        public void Report(StudyProgress value)
        {
            var task = Task(value.Stage);
            task.MaxValue = value.Total;
            task.Value = value.Finished;
            task.Description = Markup.Escape(Describe(value)).PadRight(58);
        }

        // Workers report too, several at once.
        private ProgressTask Task(StudyStage stage)
        {
            lock (_tasks)
                return _tasks.TryGetValue(stage, out var task) ? task : _tasks[stage] = context.AddTask(stage.ToString());
        }
    }

    private sealed class Lines(TextWriter writer) : IProgress<StudyProgress>
    {
        private (StudyStage Stage, int Tenth) _last = ((StudyStage)(-1), -1);

        public void Report(StudyProgress value)
        {
            var now = (value.Stage, value.Total == 0 ? 0 : value.Finished * 10 / value.Total);
            if (now == _last && !value.Detail.StartsWith("waiting", StringComparison.Ordinal))
                return;
            _last = now;
            writer.WriteLine($"{value.Finished,4} of {value.Total,-4} {Describe(value)}");
        }
    }
}
