using Unlearn.Distributed.TestWorker;
using Unlearn.MLNet;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>Workers in processes of their own run the trials of a plan.</summary>
public sealed class ClusterTests(PostgresServer server)
{
    // One worker is that of StudyTests.
    [Fact]
    public async Task Results_are_those_of_one_process_bit_for_bit_for_any_number_of_workers()
    {
        using var trials = new ClusterCase(
            server.NewDatabase(), 12, new ExactRetraining(), new FineTuning { Epochs = 3, RelativeLearningRate = 0.25 }, new Sisa { Shards = 2 },
            new SelectiveSynapticDampening());
        var here = await trials.RunHereAsync();
        var processes = Enumerable.Range(0, 3).Select(_ => trials.StartWorker()).ToList();
        try
        {
            List<Unlearn.MLNet.Trials.TrialProgress> reports = [];
            var run = await trials.RunAsync(new Unlearn.MLNet.Tests.ProgressRecorder<Unlearn.MLNet.Trials.TrialProgress>(reports));
            Assert.Empty(run.Failures);
            Assert.Equal(trials.Total, run.Results.Count);
            Assert.Equal(ClusterCase.Bits(here), ClusterCase.Bits(run));
            Assert.Equal(Enumerable.Range(0, trials.Total + 1), reports.Select(report => report.Finished).Distinct());
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }
    }
}
