using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

public sealed class ErasureWorkspaceTests(ErasureCase shared) : IClassFixture<ErasureCase>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_is_unlearned_audited_and_certified()
    {
        using var workspace = Create(ErasureCase.Options(ErasureCase.FineTunes));
        var before = workspace.ModelHash;
        var plan = workspace.Plan(ErasureCase.Request("R-1", 3, 7));
        Assert.Equal("FT", plan.Method);
        Assert.All(plan.Rows, row => Assert.InRange(row.ResidualMemoryBound, 0, 1e6));
        List<string> lines = [];
        var result = await workspace.ExecuteAsync(plan, new ProgressRecorder<string>(lines), Cancellation);
        Assert.Equal((ErasureState.Completed, "FT"), (result.State, result.Method));
        Assert.NotEqual(before, result.ModelHash);
        Assert.Equal(result.ModelHash, workspace.ModelHash);
        Assert.Equal(ErasureCase.Count - 2, workspace.RowIds.Count);
        var audit = Assert.Single(result.Audits);
        Assert.True(audit is { Passed: true, IsMeasured: true, Rows.Count: 2 });
        Assert.InRange(audit.RetainedAccuracyAfter, 0.5, 1);
        Assert.InRange(audit.TestAccuracyAfter, 0.4, 1);
        Assert.Equal(2, lines.Count);

        var certificate = ErasureCertificate.Load(result.CertificatePath!);
        Assert.Equal((before, result.ModelHash, "FT"), (certificate.ModelBefore, certificate.ModelAfter, certificate.Method));
        Assert.Equal(audit.Rows.Select(row => row.ResidualMemory), Assert.Single(certificate.Audits).Rows.Select(row => row.ResidualMemory));
        Assert.Contains(certificate.NotProven, item => item.Contains("no certified removal", StringComparison.Ordinal));
        Assert.Contains("R-1", File.ReadAllText(Path.ChangeExtension(result.CertificatePath!, ".html")), StringComparison.Ordinal);
        Assert.True(ErasureWorkspace.Verify(_folder.File("w"), workspace.LogHash).IsValid);
        Assert.Empty(workspace.VerifyAudit("R-1", ErasureCase.Rows));
    }

    [Fact]
    public async Task The_audit_measures_what_the_models_answer_against_the_labels()
    {
        using var workspace = Create(ErasureCase.Options(new() { Tolerance = 1e6, Methods = ["nothing", "EU"] }));
        var result = await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("R", 5, 80)), null, Cancellation);
        Assert.Equal("nothing", result.Method);
        var ids = shared.Labels.GetColumn<int>("RowId").ToList();
        var memory = shared.Labels.GetColumn<float>("nothing.ResidualMemory").ToList();
        Assert.Equal(new[] { 5, 80 }.Select(row => (double)memory[ids.IndexOf(row)]), result.Audits[0].Rows.Select(row => row.ResidualMemory),
            (a, b) => Math.Abs(a - b) < 1e-3);
        // Nothing was changed, and the row is gone all the same: the next training leaves it out.
        Assert.Equal(ErasureCertificate.Load(result.CertificatePath!).ModelBefore, result.ModelHash);
        Assert.Equal(ErasureCase.Count - 2, workspace.RowIds.Count);
    }

    [Fact]
    public async Task Requests_that_wait_are_served_by_one_retraining_that_equals_training_without_their_rows()
    {
        using var workspace = Create(ErasureCase.Options(ErasureCase.Retrains));
        foreach (var (id, row) in new[] { ("A", 4), ("B", 5), ("C", 6) })
        {
            var waits = await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request(id, row)), null, Cancellation);
            Assert.Equal((ErasureState.Waiting, ErasureCase.Due.AddDays(-1)), (waits.State, waits.RetrainAt));
        }
        Assert.Equal(["A", "B", "C"], workspace.Waiting);
        Assert.Equal(ErasureCase.Due.AddDays(-1), workspace.NextRetraining);
        Assert.Empty(await workspace.RetrainIfDueAsync(null, Cancellation));
        _time.Advance(TimeSpan.FromDays(9));
        var results = await workspace.RetrainIfDueAsync(null, Cancellation);
        Assert.Equal(["A", "B", "C"], results.Select(result => result.RequestId));
        Assert.All(results, result => Assert.Equal(("EU", workspace.ModelHash), (result.Method, result.ModelHash)));
        Assert.Null(workspace.NextRetraining);

        using var rows = TrainingRows.FromDataView(ErasureCase.Rows);
        int[] stay = [.. Enumerable.Range(0, rows.Count).Where(row => rows.Ids[row] is not ("4" or "5" or "6"))];
        using var wanted = TinyStudy.Recipe.Train(rows, stay, ErasureCertificate.Load(results[0].CertificatePath!).Seed!.Value);
        using var model = workspace.CopyModel();
        using var expected = wanted.Logits(rows.Features);
        using var actual = model.Logits(rows.Features);
        Assert.Equal(expected.data<float>().ToArray(), actual.data<float>().ToArray());
    }

    [Fact]
    public async Task What_fails_the_audit_goes_to_the_next_method_and_that_is_on_record()
    {
        var options = ErasureCase.Options(new() { Tolerance = 1e6, Methods = ["FT", "EU"], Seconds = ErasureCase.Costs, LeadTime = TimeSpan.FromDays(20) }) with
        {
            Unlearners = [new Wrecking()],
        };
        using var workspace = Create(options);
        var result = await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("R", 11)), null, Cancellation);
        Assert.Equal(["FT", "EU"], result.Audits.Select(audit => audit.Method));
        Assert.Equal([false, true], result.Audits.Select(audit => audit.Passed));
        Assert.StartsWith("Accuracy on the rows that stay fell from", result.Audits[0].Reason, StringComparison.Ordinal);
        Assert.Equal(2, ErasureCertificate.Load(result.CertificatePath!).Audits.Count);
        Assert.Contains("\"kind\":\"escalated\"", File.ReadAllText(_folder.File("w/log.jsonl")), StringComparison.Ordinal);
        // The model that failed is not kept.
        Assert.Single(Directory.GetFiles(_folder.File("w/models")));
    }

    [Fact]
    public async Task Rows_without_labels_are_audited_against_models_that_are_retrained_for_it()
    {
        var context = ErasureCase.Context();
        var some = context.Data.FilterRowsByColumn(shared.Labels, "HardnessScore", upperBound: double.PositiveInfinity);
        var few = context.Data.TakeRows(some, 100);
        using var workspace = ErasureWorkspace.Create(context, _folder.File("w"), ErasureCase.Rows, shared.Model, few,
            ErasureCase.Options(ErasureCase.FineTunes with { AuditModels = 4 }), _time);
        var plan = workspace.Plan(ErasureCase.Request("R", 140));
        Assert.InRange(plan.AuditSeconds, 1e-9, 1e3);
        var audit = Assert.Single((await workspace.ExecuteAsync(plan, null, Cancellation)).Audits);
        Assert.StartsWith("4 models that were retrained", audit.References, StringComparison.Ordinal);
        Assert.InRange(audit.Rows[0].RetrainedDeviation, 1e-3, 10);
    }

    [Fact]
    public async Task A_killed_run_goes_on_from_the_log()
    {
        using (var workspace = Create(ErasureCase.Options(ErasureCase.FineTunes)))
        {
            using var stop = new CancellationTokenSource();
            var report = new Callback(line => stop.Cancel());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("R", 9)), report, stop.Token));
            Assert.Equal(["R"], workspace.Unfinished);
        }
        using var again = Open(ErasureCase.Options(ErasureCase.FineTunes));
        Assert.Equal(["R"], again.Unfinished);
        var result = Assert.Single(await again.ResumeAsync(null, Cancellation));
        Assert.Equal(ErasureState.Completed, result.State);
        Assert.Empty(again.Unfinished);

        // The same without a stop gives the same model.
        using var other = ErasureWorkspace.Create(
            ErasureCase.Context(), _folder.File("w2"), ErasureCase.Rows, shared.Model, shared.Labels, ErasureCase.Options(ErasureCase.FineTunes), _time);
        Assert.Equal(result.ModelHash, (await other.ExecuteAsync(other.Plan(ErasureCase.Request("R", 9)), null, Cancellation)).ModelHash);
    }

    [Fact]
    public async Task Accepted_requests_are_served_later_by_plans_for_the_model_of_then()
    {
        using (var workspace = Create(ErasureCase.Options(ErasureCase.FineTunes)))
        {
            var plan = workspace.Plan(ErasureCase.Request("A", 3));
            workspace.Accept(plan);
            workspace.Accept(workspace.Plan(ErasureCase.Request("B", 3, 4)));
            Assert.Contains("is in the log already", Assert.Throws<InvalidOperationException>(() => workspace.Accept(plan)).Message, StringComparison.Ordinal);
            Assert.Equal(ErasureCase.Count, workspace.RowIds.Count);
        }
        using var again = Open(ErasureCase.Options(ErasureCase.FineTunes));
        Assert.Equal(["A", "B"], again.Unfinished);
        Assert.Equal("FT", (await again.ServeAsync("B", null, Cancellation)).Method);
        Assert.Equal([ErasureState.Begun, ErasureState.Completed], again.Requests.Select(request => request.State));
        var first = await again.ServeAsync("A", null, Cancellation);
        Assert.Equal(("erased", again.ModelHash), (first.Method, first.ModelHash));
        Assert.Equal(first.CertificatePath, again.Requests[0].CertificatePath);
        Assert.StartsWith("Request 'A' was not begun, or is finished", (await Assert.ThrowsAsync<ArgumentException>(
            () => again.ServeAsync("A", null, Cancellation))).Message, StringComparison.Ordinal);
        Assert.True(ErasureWorkspace.Verify(_folder.File("w")).IsValid);
    }

    [Fact]
    public async Task A_request_that_waits_for_rows_that_another_has_erased_needs_no_retraining()
    {
        using (var workspace = Create(ErasureCase.Options(ErasureCase.Retrains)))
            await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("A", 4)), null, Cancellation);
        using var again = Open(ErasureCase.Options(ErasureCase.FineTunes));
        var fineTuned = await again.ExecuteAsync(again.Plan(ErasureCase.Request("B", 4)), null, Cancellation);
        var result = Assert.Single(await again.RetrainAsync(null, Cancellation));
        Assert.Equal(("A", "erased", fineTuned.ModelHash), (result.RequestId, result.Method, result.ModelHash));
        Assert.True(ErasureWorkspace.Verify(_folder.File("w")).IsValid);
    }

    [Fact]
    public async Task A_model_that_was_finished_before_a_kill_is_not_made_again_and_a_lost_certificate_is_written()
    {
        string[] lines;
        using (var workspace = Create(ErasureCase.Options(ErasureCase.FineTunes)))
            await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("R", 9)), null, Cancellation);
        lines = File.ReadAllLines(_folder.File("w/log.jsonl"));
        Assert.Equal(
            ["created", "requested", "planned", "unlearned", "audited", "completed", "certified"],
            LogText.Read(File.ReadAllBytes(_folder.File("w/log.jsonl"))).Select(entry => entry.Kind));
        File.WriteAllText(_folder.File("w/log.jsonl"), string.Join('\n', lines[..6]) + "\n");
        Directory.Delete(_folder.File("w/certificates"), recursive: true);
        Directory.CreateDirectory(_folder.File("w/certificates"));
        using (Open(ErasureCase.Options(ErasureCase.FineTunes)))
            Assert.Equal(2, Directory.GetFiles(_folder.File("w/certificates")).Length);
        Assert.True(ErasureWorkspace.Verify(_folder.File("w")).IsValid);
    }

    [Fact]
    public async Task Erased_rows_are_answered_from_the_log_whether_the_data_still_has_them_or_not()
    {
        using (var workspace = Create(ErasureCase.Options(ErasureCase.FineTunes)))
            await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("R-1", 3)), null, Cancellation);
        using var again = Open(ErasureCase.Options(ErasureCase.FineTunes), Without("3"));
        var plan = again.Plan(ErasureCase.Request("R-2", 3));
        Assert.Equal(("erased", 0.0), (plan.Method, plan.Seconds));
        var result = await again.ExecuteAsync(plan, null, Cancellation);
        Assert.Equal((ErasureState.Completed, "erased"), (result.State, result.Method));
        Assert.Empty(ErasureCertificate.Load(result.CertificatePath!).Audits);
    }

    [Fact]
    public async Task After_a_purge_no_byte_of_the_workspace_tells_of_the_row()
    {
        var derived = _folder.File("study");
        Directory.CreateDirectory(derived);
        await File.WriteAllTextAsync(Path.Combine(derived, "factors.csv"), "RowId,Label,Loss\n76,1,0.5\n77,2,0.25\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(derived, "trials.db"), "row 77", Cancellation);
        var options = ErasureCase.Options(ErasureCase.FineTunes) with { DerivedFiles = [derived] };
        using var workspace = Create(options);
        await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("R", 77)), null, Cancellation);
        _ = workspace.Plan(ErasureCase.Request("next", 78)); // fits factors on the rows that stay
        Assert.Contains(workspace.Inventory(), file => file.Remembers.StartsWith("statistics of factors", StringComparison.Ordinal));
        var purged = workspace.Purge();
        Assert.Contains(purged, file => file.Path.EndsWith("labels.idv", StringComparison.Ordinal) && file.IsRewritten);
        Assert.Equal("RowId,Label,Loss\n76,1,0.5\n", await File.ReadAllTextAsync(Path.Combine(derived, "factors.csv"), Cancellation));
        Assert.False(File.Exists(Path.Combine(derived, "trials.db")));

        using var rows = TrainingRows.FromDataView(ErasureCase.Rows);
        var features = MemoryMarshal.AsBytes(rows.FeaturesAt(rows.Ids.Index().First(row => row.Item == "77").Index)).ToArray();
        foreach (var (name, content) in Contents(_folder.Path))
            Assert.True(content.AsSpan().IndexOf(features) < 0, $"{name} has the row's features.");
        Assert.DoesNotContain("77", new MLContext(1).Data.LoadFromBinary(_folder.File("w/labels.idv")).GetColumn<string>("RowId"));
        // The register holds keyed hashes of those that stay alone.
        Assert.Equal(ErasureCase.Count - 1, File.ReadAllLines(_folder.File("w/rows.txt")).Length);
        // All goes on without the row.
        Assert.Equal("FT", workspace.Plan(ErasureCase.Request("next", 78)).Method);
        workspace.Dispose();
        Open(options, Without("77")).Dispose();
    }

    [Fact]
    public async Task Tampering_with_certificates_models_and_logs_is_found()
    {
        using (var workspace = Create(ErasureCase.Options(ErasureCase.FineTunes)))
            await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("R", 9)), null, Cancellation);
        var head = ErasureWorkspace.Verify(_folder.File("w")).LogHash;
        foreach (var file in Directory.GetFiles(_folder.File("w"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) is "certificates" or "models" || file.EndsWith(".jsonl", StringComparison.Ordinal)))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);
            Assert.False(ErasureWorkspace.Verify(_folder.File("w"), head).IsValid, file);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
        Assert.True(ErasureWorkspace.Verify(_folder.File("w"), head).IsValid);
        // A log whose newest entries were taken away is a valid log: only a hash from outside tells.
        var lines = File.ReadAllLines(_folder.File("w/log.jsonl"));
        File.WriteAllText(_folder.File("w/log.jsonl"), lines[0] + "\n");
        Assert.Contains(ErasureWorkspace.Verify(_folder.File("w"), head).Problems, problem => problem.Contains("were taken away", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Over_fifty_requests_in_a_row_drift_is_caught_by_audits_and_ended_by_retraining()
    {
        const int Requests = 50;
        const double Tolerance = 3;
        var policy = ErasureCase.FineTunes with { Tolerance = Tolerance, LeadTime = TimeSpan.FromDays(20), LargestAccuracyLoss = 0.1 };
        // Many models are planned for: a few factors and linear models will do.
        using var workspace = Create(ErasureCase.Options(policy) with
        {
            CreateHardness = (context, target, labels) => context.Transforms
                .UnlearnFactors(new() { Target = target, Factors = [HardnessFactors.Loss, HardnessFactors.Entropy] })
                .Append(context.Transforms.UnlearningHardness(labels, new()
                {
                    Regressor = (own, _) => own.Regression.Trainers.LbfgsPoissonRegression(), Seed = 1,
                })),
        });
        List<ErasureResult> results = [];
        for (var i = 0; i < Requests; i++)
            results.Add(await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request($"R-{i}", i)), null, Cancellation));
        Assert.Equal(ErasureCase.Count - Requests, workspace.RowIds.Count);
        Assert.All(results, result => Assert.Equal(ErasureState.Completed, result.State));
        Assert.Contains("FT", results.Select(result => result.Method));
        Assert.Contains("EU", results.Select(result => result.Method));
        // Fine-tuning again and again trains the model further. What was released under FT lies within the tolerance all the same.
        Assert.All(results.Where(result => result.Method == "FT"), result => Assert.InRange(result.Audits[^1].Rows[0].ResidualMemory, 0, Tolerance));
        // Each audit starts from the model that the request before has left.
        for (var i = 1; i < Requests; i++)
            Assert.Equal(results[i - 1].Audits[^1].TestAccuracyAfter, results[i].Audits[0].TestAccuracyBefore, 6);
        // No small losses have added up to a large one. A third of the rows is gone: retraining without them loses as much.
        using var rows = TrainingRows.FromDataView(ErasureCase.Rows);
        int[] stay = [.. Enumerable.Range(0, rows.Count).Where(row => int.Parse(rows.Ids[row], CultureInfo.InvariantCulture) >= Requests)];
        using var retrained = TinyStudy.Recipe.Train(rows, stay, seed: 5);
        using var test = TrainingRows.FromDataView(TinyStudy.View(ErasureCase.Context(), 60, seed: 2));
        Assert.InRange(results[^1].Audits[^1].TestAccuracyAfter, MLNet.Unlearners.ModelAnswers.Of(retrained, test).Accuracy - 0.2, 1);
        Assert.True(ErasureWorkspace.Verify(_folder.File("w")).IsValid);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', results.Select(result => result.Method)));
    }

    [Fact]
    public async Task A_policy_that_has_changed_never_lets_a_cheaper_method_in_than_was_planned()
    {
        using (var workspace = Create(ErasureCase.Options(ErasureCase.Retrains)))
            await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("waits", 4)), null, Cancellation);
        using (var workspace = Open(ErasureCase.Options(new() { Methods = ["nothing", "FT"], Seconds = ErasureCase.Costs })))
        {
            Assert.Contains(
                "no exact method", (await Assert.ThrowsAsync<InvalidOperationException>(() => workspace.RetrainAsync())).Message, StringComparison.Ordinal);
            Assert.Equal(ErasureState.Waiting, workspace.StateOf("waits"));
        }
        using (var workspace = Open(ErasureCase.Options(ErasureCase.FineTunes)))
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("begun", 9)), new Callback(_ => stop.Cancel()), stop.Token));
        }
        using var other = Open(ErasureCase.Options(new() { Methods = ["nothing", "EU"], LeadTime = TimeSpan.FromDays(20) }));
        Assert.Equal("EU", Assert.Single(await other.ResumeAsync(null, Cancellation)).Method);
    }

    [Fact]
    public async Task A_waiting_request_whose_rows_another_has_erased_is_completed_without_a_training()
    {
        using var workspace = Create(ErasureCase.Options(ErasureCase.Retrains));
        await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("A", 4)), null, Cancellation);
        var late = await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("B", 4) with { DueAt = DateTimeOffset.UnixEpoch }), null, Cancellation);
        Assert.Equal(("EU", ErasureState.Completed), (late.Method, late.State));
        Assert.Equal(ErasureState.Completed, workspace.StateOf("A"));
        Assert.Empty(await workspace.RetrainAsync(null, Cancellation));
    }

    [Fact]
    public async Task A_retraining_that_is_due_serves_the_requests_that_wait_too()
    {
        using var workspace = Create(ErasureCase.Options(ErasureCase.Retrains));
        await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("A", 4, 5)), null, Cancellation);
        var late = await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("B", 6) with { DueAt = DateTimeOffset.UnixEpoch }), null, Cancellation);
        Assert.Equal(("B", 1), (late.RequestId, Assert.Single(late.Audits).Rows.Count));
        Assert.Empty(workspace.Waiting);
        Assert.Equal(ErasureCase.Count - 3, workspace.RowIds.Count);
        Assert.Single(File.ReadLines(_folder.File("w/log.jsonl")), line => line.Contains("\"kind\":\"unlearned\"", StringComparison.Ordinal));
        var waited = ErasureCertificate.Load(workspace.Requests.Single(request => request.RequestId == "A").CertificatePath!);
        Assert.Equal(("EU", late.ModelHash, 2), (waited.Method, waited.ModelAfter, Assert.Single(waited.Audits).Rows.Count));
        // The audit of a request tells of the neighbors of its own rows.
        Assert.InRange(waited.Audits[0].ChangedNeighbors, 0, 1);
        Assert.Empty(workspace.VerifyAudit("A", ErasureCase.Rows));
    }

    [Fact]
    public async Task Without_a_labeled_row_left_requests_are_retrained_and_told_why()
    {
        var context = ErasureCase.Context();
        var few = context.Data.TakeRows(shared.Labels, 30);
        string[] labeled = [.. few.GetColumn<int>("RowId").Select(id => Invariant($"{id}"))];
        var options = ErasureCase.Options(ErasureCase.FineTunes with { LargestShare = 0.5 });
        double tolerance;
        using (var workspace = ErasureWorkspace.Create(context, _folder.File("w"), ErasureCase.Rows, shared.Model, few, options, _time))
        {
            var request = ErasureCase.Request("A") with { RowIds = labeled, DueAt = DateTimeOffset.UnixEpoch };
            await workspace.ExecuteAsync(workspace.Plan(request), null, Cancellation);
            tolerance = ErasureCertificate.Load(workspace.Requests[0].CertificatePath!).Audits[0].Tolerance;
            workspace.Purge();
        }
        using var again = Open(options with { Policy = ErasureCase.FineTunes });
        var row = again.RowIds[0];
        var plan = again.Plan(ErasureCase.Request("B") with { RowIds = [row] });
        Assert.Equal(("EU", "0 of 30 labeled rows are left, too few to predict from."), (plan.Method, plan.Reason));
        Assert.Equal(1e6, tolerance);
        Assert.True(ErasureWorkspace.Verify(_folder.File("w")).IsValid);
    }

    [Fact]
    public async Task Waiting_rows_count_as_gone_and_calls_at_once_are_refused()
    {
        using var workspace = Create(ErasureCase.Options(ErasureCase.Retrains));
        int[] first = [.. Enumerable.Range(0, ErasureCase.Count).Where(row => row % 3 == 0)];
        await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("A", first)), null, Cancellation);
        Assert.Contains("leaves 50 rows of 1 class", Assert.Throws<InvalidOperationException>(
            () => workspace.Plan(ErasureCase.Request("B", [.. first.Select(row => row + 1)]))).Message, StringComparison.Ordinal);

        InvalidOperationException? refused = null;
        await workspace.RetrainAsync(
            new Callback(_ => refused ??= Assert.Throws<InvalidOperationException>(() => workspace.Plan(ErasureCase.Request("C", 1)))), Cancellation);
        Assert.Contains("one after the other", refused!.Message, StringComparison.Ordinal);
    }

    private ErasureWorkspace Create(ErasureOptions options) =>
        ErasureWorkspace.Create(ErasureCase.Context(), _folder.File("w"), ErasureCase.Rows, shared.Model, shared.Labels, options, _time);

    private ErasureWorkspace Open(ErasureOptions options, IDataView? rows = null) =>
        ErasureWorkspace.Open(ErasureCase.Context(), _folder.File("w"), rows ?? ErasureCase.Rows, options, _time);

    private static IDataView Without(string id)
    {
        using var rows = TrainingRows.FromDataView(ErasureCase.Rows);
        return rows.Only([.. Enumerable.Range(0, rows.Count).Where(row => rows.Ids[row] != id)]).ToDataView(ErasureCase.Context());
    }

    private static IEnumerable<(string Name, byte[] Content)> Contents(string folder)
    {
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return (file, bytes);
            if (!file.EndsWith(".zip", StringComparison.Ordinal))
                continue;
            using var zip = new ZipArchive(new MemoryStream(bytes));
            foreach (var entry in zip.Entries)
            {
                using var content = entry.Open();
                using var memory = new MemoryStream();
                content.CopyTo(memory);
                yield return ($"{file}/{entry.FullName}", memory.ToArray());
            }
        }
    }

    private sealed class Callback(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }

    /// <summary>Answers with a model that was hardly trained.</summary>
    private sealed class Wrecking : IUnlearner
    {
        public string Name => "FT";

        public string Specification => "wrecking/1";

        public bool IsExact => false;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken) =>
            new((TinyStudy.Recipe with { Epochs = 1, LearningRate = 1e-6 }).Train(
                request.Rows, request.Retained.ToArray(), request.Seed, cancellationToken: cancellationToken));
    }
}
