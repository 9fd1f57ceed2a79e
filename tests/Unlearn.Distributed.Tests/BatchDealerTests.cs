using CsCheck;
using Unlearn.Distributed.Jobs;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.Distributed.Tests;

public sealed class BatchDealerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    [Fact]
    public void Batches_are_timed_first_and_the_others_share_jobs_of_two_seconds()
    {
        var dealer = new BatchDealer(Batches("EU", 400));

        Assert.Equal(8, dealer.Deal(workers: 4, Soon, _ => null).Count);
        Assert.Empty(dealer.Deal(workers: 4, Soon, _ => null));
        Assert.False(dealer.IsDone);

        var jobs = dealer.Deal(workers: 4, Soon, _ => 0.1);
        Assert.True(dealer.IsDone);
        Assert.All(jobs, job => Assert.InRange(job.Length, 1, 20));
        Assert.Equal(20, jobs.Count);
        Assert.Empty(dealer.Deal(workers: 4, Soon, _ => 0.1));
    }

    [Fact]
    public void Every_trial_is_dealt_once_in_its_order() => Gen.Select(Gen.Int[1, 50], Gen.Int[1, 50], Gen.Int[1, 4], Gen.Int[0, 9], Gen.Double[1e-6, 100])
        .Sample((first, second, size, workers, seconds) =>
        {
            var batches = Batches("EU", first, size).Concat(Batches("FT", second, size)).ToList();
            var dealer = new BatchDealer(batches);
            List<string> dealt = [];
            for (var look = 0; !dealer.IsDone; look++)
            {
                // FT is known from the third look, EU never.
                var jobs = dealer.Deal(workers, TimeSpan.FromSeconds(2 * look), unlearner => unlearner == "FT" && look >= 2 ? seconds : null);
                Assert.All(jobs, job => Assert.NotEmpty(job));
                dealt.AddRange(jobs.SelectMany(job => job));
                Assert.InRange(look, 0, 5);
            }
            foreach (var unlearner in (string[])["EU", "FT"])
                Assert.Equal(
                    batches.SelectMany(batch => batch).Where(trial => trial.Unlearner == unlearner).Select(trial => trial.Id),
                    dealt.Where(id => batches.Any(batch => batch.Any(trial => trial.Id == id && trial.Unlearner == unlearner))));
        });

    [Fact]
    public void Long_trials_and_trials_without_a_result_get_a_job_each()
    {
        var longOnes = new BatchDealer(Batches("EU", 40));
        Assert.All(longOnes.Deal(workers: 1, Soon, _ => 60), job => Assert.Single(job));
        Assert.True(longOnes.IsDone);

        var unknown = new BatchDealer(Batches("EU", 40));
        Assert.All(unknown.Deal(workers: 1, BatchDealer.Patience, _ => null), job => Assert.Single(job));
        Assert.True(unknown.IsDone);
    }

    [Fact]
    public void Few_batches_are_shared_out_among_the_workers()
    {
        var dealer = new BatchDealer(Batches("EU", 16));
        var jobs = dealer.Deal(workers: 2, Soon, _ => 0.001);
        Assert.Equal(8, jobs.Count);
        Assert.All(jobs, job => Assert.Equal(2, job.Length));
    }

    [Fact]
    public void A_stack_is_not_torn()
    {
        var dealer = new BatchDealer(Batches("EU", 60, size: 3));
        Assert.All(dealer.Deal(workers: 1, Soon, _ => 0.1), job => Assert.Equal(18, job.Length));
    }

    private static List<IReadOnlyList<TrialSpec>> Batches(string unlearner, int count, int size = 1) =>
        [.. Enumerable.Range(0, count).Select(batch => (IReadOnlyList<TrialSpec>)
            [.. Enumerable.Range(0, size).Select(place => new TrialSpec(unlearner, "c", 0, batch * size + place, ["1"], batch * size + place))])];
}
